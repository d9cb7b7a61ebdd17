"""An open network camera."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from av.video.frame import VideoFrame

from sidecar.cameras.camera import GuardedCamera
from sidecar.cameras.device import Format
from sidecar.cameras.frame_maker import FrameMaker
from sidecar.cameras.policy import RtspPolicy
from sidecar.cameras.rtsp.connection import Wakeup
from sidecar.cameras.rtsp.decoder import Decoder
from sidecar.cameras.rtsp.depacketise import ENCODINGS
from sidecar.cameras.rtsp.description import VideoDescription
from sidecar.cameras.rtsp.diagnosis import contract_error
from sidecar.cameras.rtsp.errors import (
    LoginLeftBehindError,
    NoPictureError,
    RedirectedError,
    RtspError,
    StatusError,
    TooManyRedirectsError,
)
from sidecar.cameras.rtsp.rtsp_session import RtspSession
from sidecar.cameras.sources.rtsp_url import RtspSource
from sidecar.media.frame import Frame

logger = logging.getLogger(__name__)

Follow: TypeAlias = Callable[[RtspSource, str], RtspSource]
"""Returns the target of a redirect from a source to a location, or raises SourceNotAllowedError."""


MAX_REDIRECTS: Final = 3
"""The number of consecutive redirects without a picture between them."""


def open_camera(name: str, source: RtspSource, follow: Follow, policy: RtspPolicy | None = None) -> GuardedCamera:
    """Open a network camera and wait for its first picture. Errors call the camera `name`, which holds no secret.

    Raises CameraNotFoundError, CameraBusyError, CameraPermissionDeniedError, CameraFailedError, and the errors of
    `follow`.
    """
    try:
        camera = RtspCamera(name, source, follow, policy or RtspPolicy())
    except OSError as error:  # no descriptor is free
        raise contract_error(name, RtspError("no socket is free")) from error
    try:
        camera.start()
    except BaseException:
        camera.close()
        raise
    return camera


class RtspCamera(GuardedCamera):
    """A network camera. Each picture is decoded as soon as its last packet has arrived."""

    def __init__(self, name: str, source: RtspSource, follow: Follow, policy: RtspPolicy) -> None:
        super().__init__()
        self._policy = policy
        self._name = name
        self._source = source
        self._follow = follow
        self._wakeup = Wakeup()
        self._session: RtspSession | None = None
        self._decoder: Decoder
        self._frames: FrameMaker
        self._pictures = self._play()
        self._picture_deadline = float("inf")
        self._first: Frame | None = None
        self._redirects = 0
        self._number = 0
        self._format = Format(0, 0, 0.0, "")

    @property
    def format(self) -> Format:
        return self._format

    def start(self) -> None:
        """Play, and keep the first frame for the first read(). Raises as `open_camera`."""
        self._picture_deadline = time.monotonic() + self._policy.first_picture_timeout
        self._first = self._next_frame()
        self._picture_deadline = float("inf")

    def _next_frame(self) -> Frame:
        first, self._first = self._first, None
        if first is not None:
            return first
        try:
            picture, arrived = next(self._pictures)
        except (RtspError, OSError) as error:
            self._check_open()
            known = error if isinstance(error, RtspError) else RtspError("the system refused a call")
            raise contract_error(self._name, known) from error
        number, self._number = self._number, self._number + 1
        with self._calculation():
            frame = self._frames.frame(picture, number, arrived, self._decoder.pixel_aspect)
        if number == 0:
            self._format = Format(frame.width, frame.height, self._decoder.frame_rate, self._decoder.name)
        return frame

    def _play(self) -> Iterator[tuple[VideoFrame, float]]:
        """Yield pictures with their arrival times, across redirects, without an end. Raises RtspError.

        At each yield `_decoder` and `_frames` belong to the picture.
        """
        lost_login = False
        while True:
            try:
                yield from self._decoded(self._open_session())
            except StatusError as error:
                if error.status == 401 and lost_login:
                    raise LoginLeftBehindError from error
                raise
            except RedirectedError as redirect:
                self._redirects += 1
                if self._redirects > MAX_REDIRECTS:
                    raise TooManyRedirectsError from redirect
                had_login, self._source = self._source.user is not None, self._follow(self._source, redirect.location)
                lost_login = lost_login or (had_login and self._source.user is None)
                logger.info("%s: redirected to %s:%d", self._name, self._source.host, self._source.port)

    def _open_session(self) -> tuple[RtspSession, VideoDescription]:
        self._close_session()
        deadline = min(time.monotonic() + self._policy.open_timeout, self._picture_deadline)
        session = self._session = RtspSession(self._source, self._wakeup, deadline, self._policy.shortest_session)
        return session, session.play("udp" if self._source.transport == "udp" else "tcp", deadline)

    def _decoded(self, playing: tuple[RtspSession, VideoDescription]) -> Iterator[tuple[VideoFrame, float]]:
        session, description = playing
        depacketiser = ENCODINGS[description.encoding].depacketiser(description)
        decoder = self._decoder = Decoder(description)
        bad, is_first = 0, True
        for packet in session.packets(self._policy.read_timeout):
            for unit in depacketiser.push(packet):
                arrived = time.monotonic()
                with self._calculation():
                    pictures = decoder.decode(unit)
                bad = 0 if pictures else bad + 1
                if pictures and is_first:
                    self._frames, is_first = FrameMaker(decoder.frame_rate, decoder.name), False
                    self._redirects = 0
                for picture in pictures:
                    yield picture, arrived
            if bad > self._policy.max_bad_units or time.monotonic() > self._picture_deadline:
                raise NoPictureError
            self._check_open()

    def _wake(self) -> None:
        self._wakeup.set()

    def _release(self) -> None:
        self._first = None
        self._close_session()
        self._wakeup.close()

    def _close_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
