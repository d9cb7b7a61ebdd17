"""Sends one camera to one viewer over a WebSocket: the newest picture, never an old one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from sidecar.local_stream.messages import (
    SEQUENCE_MODULUS,
    ClientMessage,
    CodecName,
    MessageType,
    description_payload,
    header,
)
from sidecar.local_stream.window import Window
from sidecar.media.access_unit import AccessUnit
from sidecar.media.codec import StreamDescription
from sidecar.media.jpeg_picture import JpegPicture
from sidecar.media.meters import Percentiles
from sidecar.media.subscription import Subscription

MAX_BUFFERED: Final = 256 * 1024
"""Bytes that the system did not take yet; with more of them, nothing is sent. One picture may pass it."""

KEYFRAME_PATIENCE: Final = 0.5
"""Seconds after which a keyframe that did not come is asked for again."""

STALL_LIMIT: Final = 10.0
"""Seconds a viewer may take no picture before it counts as gone. Pings cannot tell, for the library waits for room
before it goes on: a viewer that says that it has what it never read would stay."""


class Socket(Protocol):
    """A WebSocket that was let in."""

    @property
    def buffered(self) -> int:
        """Bytes that wait in this process."""

    def send(self, message: bytes) -> None:
        """Send a binary message; nothing when the socket is closed. Never waits."""


class Listener(Protocol):
    """Whoever owns a sender. Called on the loop's thread."""

    def picture_sent(self) -> None:
        """The first picture was sent."""

    def codec_wanted(self, codec: CodecName) -> None:
        """The viewer wants pictures of this kind; the sender takes those of the other kind no more."""

    def stalled(self) -> None:
        """The viewer takes no pictures any more."""


class LocalSender:
    """One viewer's stream. Both kinds of pictures may be pushed; the one that the viewer did not choose is ignored.

    A stream begins with a keyframe. When the viewer does not keep up, pictures are left out up to the next keyframe,
    which is asked for when there is room again: a viewer that stands still costs the others no keyframes.
    """

    def __init__(
        self,
        socket: Socket,
        description: StreamDescription,
        listener: Listener,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.codec: CodecName = "h264"
        self.frames_sent = 0
        self.frames_dropped = 0
        self.bytes_sent = 0
        self.keyframe_requests = 0
        self.first_frame_sent_at: float | None = None
        self.encoded_to_sent = Percentiles(clock=clock)
        self._socket = socket
        self._description = description
        self._listener = listener
        self._subscription: Subscription | None = None
        self._clock = clock
        self._window = Window()
        self._sequence = 0
        self._needs_keyframe = True
        self._is_overflowing = False
        self._stuck_since: float | None = None
        self._keyframe_asked_at = clock()

    @property
    def round_trip_time(self) -> float | None:
        """Seconds from the last picture's sending to the viewer's word that it has it."""
        return self._window.round_trip_time

    def attach(self, subscription: Subscription | None) -> None:
        """Send keyframe requests to this subscription; None: to none."""
        self._subscription = subscription

    def push(self, access_unit: AccessUnit) -> None:
        """Send an access unit now, or leave it out."""
        if self.codec != "h264":
            return
        now = self._clock()
        if not self._has_room(now):
            self._needs_keyframe = True
            self._keyframe_asked_at = -KEYFRAME_PATIENCE  # to be asked for as soon as there is room
        elif self._needs_keyframe and not access_unit.keyframe:
            self.frames_dropped += self._is_overflowing
            if now - self._keyframe_asked_at >= KEYFRAME_PATIENCE:
                self._keyframe_asked_at = now
                self._request_keyframe()
        else:
            self._needs_keyframe = False
            self._send_access_unit(access_unit, now)

    def push_jpeg(self, picture: JpegPicture) -> None:
        """Send a JPEG picture now, or leave it out."""
        now = self._clock()
        if self.codec == "jpeg" and self._has_room(now):
            self._send(MessageType.JPEG, True, picture.data, picture.captured_at, now)
            self._count(picture.encoded_at, len(picture.data))

    def take(self, message: ClientMessage) -> None:
        """What the viewer said."""
        if message.received is not None:
            self._window.received(message.received, self._clock())
        if message.keyframe:
            self.keyframe_requests += 1
            self._request_keyframe()
        if message.codec is not None and message.codec != self.codec:
            self.codec = message.codec
            self._needs_keyframe = True
            self._listener.codec_wanted(message.codec)

    def _request_keyframe(self) -> None:
        if self._subscription is not None:
            self._subscription.request_keyframe()

    def _has_room(self, now: float) -> bool:
        if max(self._window.age(now), self._stuck_for(now)) > STALL_LIMIT:
            self._listener.stalled()
        if self._window.is_full(now) or self._stuck_since is not None:
            self.frames_dropped += 1
            self._is_overflowing = True
            return False
        return True

    def _stuck_for(self, now: float) -> float:
        """Seconds for which the socket has had no room; 0 when it has."""
        if self._socket.buffered <= MAX_BUFFERED:
            self._stuck_since = None
            return 0.0
        if self._stuck_since is None:
            self._stuck_since = now
        return now - self._stuck_since

    def _send_access_unit(self, unit: AccessUnit, now: float) -> None:
        if unit.keyframe:
            self._tell_description(unit.describe(), unit.captured_at, now)
        payload = unit.sample()
        self._send(MessageType.ACCESS_UNIT, unit.keyframe, payload, unit.captured_at, now)
        self._count(unit.encoded_at, len(payload))

    def _tell_description(self, description: StreamDescription, captured_at: float, now: float) -> None:
        if description != self._description:
            self._description = description
            self._send(MessageType.DESCRIPTION, True, description_payload(description), captured_at, now)

    def _send(self, kind: MessageType, keyframe: bool, payload: bytes, captured_at: float, now: float) -> None:
        wall = time.time()
        start = header(
            kind, keyframe=keyframe, sequence=self._sequence, captured_at=captured_at, monotonic=now, wall=wall
        )
        self._socket.send(start + payload)

    def _count(self, encoded_at: float, size: int) -> None:
        now = self._clock()
        self._window.sent(self._sequence, now)
        self._sequence = (self._sequence + 1) % SEQUENCE_MODULUS
        self._is_overflowing = False
        self.frames_sent += 1
        self.bytes_sent += size
        self.encoded_to_sent.add((now - encoded_at) * 1000)
        if self.first_frame_sent_at is None:
            self.first_frame_sent_at = now
            self._listener.picture_sent()
