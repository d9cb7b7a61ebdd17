"""file: and rtsp: sources through PyAV."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from sidecar.cameras.camera import GuardedCamera
from sidecar.cameras.device import Device, Format
from sidecar.cameras.frame import Frame
from sidecar.cameras.geometry import shown_size
from sidecar.cameras.pace import Pace
from sidecar.cameras.packets import packets_of
from sidecar.cameras.picture_format import PixelAspect
from sidecar.cameras.pictures import FrameMaker
from sidecar.cameras.sources.file_path import FileSource
from sidecar.cameras.sources.opened_file import OpenedFile, open_checked
from sidecar.cameras.sources.rtsp_url import RtspSource
from sidecar.contract.errors import CameraFailedError, CameraNotFoundError, CameraPermissionDeniedError, ContractError

FILE_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,ogg,mjpeg,h264,hevc,ivf,yuv4mpegpipe,gif,nut"
"""Formats of a single file. Play lists are left out: they could name other files, which nobody allowed."""

FILE_OPTIONS = {"protocol_whitelist": "none", "format_whitelist": FILE_FORMATS}
"""Nothing but the file that was opened is read: no protocol has the name "none"."""

OPEN_TIMEOUT, READ_TIMEOUT = 8.0, 5.0
"""Seconds that a server may take to answer, and then to send something. libav cannot be woken earlier."""

MAX_BAD_PACKETS = 300
"""Packets without a picture in a row (lost packets, up to the next keyframe) after which a source counts as lost."""

LONGEST_INTERVAL = 2.0
"""Seconds between two pictures of a file at most; a longer gap in its time stamps is cut short."""


def open_file(device: Device) -> GuardedCamera:
    """A file, again and again at its own pace. Raises CameraNotFoundError, CameraFailedError and the like."""
    assert isinstance(device.source, FileSource)
    camera = FileCamera(device, device.source)
    camera.read_first()
    return camera


def open_rtsp(device: Device) -> GuardedCamera:
    """A network camera, over TCP, with nothing held back. Raises CameraFailedError and the like."""
    assert isinstance(device.source, RtspSource)
    options = {
        "rtsp_transport": "tcp",
        "protocol_whitelist": "rtsp,rtp,tcp",
        "flags": "low_delay",
        "max_delay": "0",
        "analyzeduration": "500000",
        "fpsprobesize": "0",
    }
    return RtspCamera(device, _open(device, _url_with_login(device.source), options))


def _url_with_login(source: RtspSource) -> str:
    if source.user is None:
        return source.request_url
    login = f"{quote(source.user, safe='')}:{quote(source.password or '', safe='')}"
    return source.request_url.replace("rtsp://", f"rtsp://{login}@", 1)


def _open(device: Device, place: str | OpenedFile, options: dict[str, str]) -> InputContainer:
    try:
        container = av.open(place, "r", options=options, timeout=(OPEN_TIMEOUT, READ_TIMEOUT))
    except av.FFmpegError as error:
        raise _open_error(device, error) from error
    if not container.streams.video or container.streams.video[0].codec_context is None:
        container.close()
        raise CameraFailedError(f"{device.name} has no picture that can be decoded.", hint="Choose another source.")
    container.streams.video[0].thread_type = "SLICE"  # threads by frame would hold pictures back
    return container


def _open_error(device: Device, error: av.FFmpegError) -> ContractError:
    if isinstance(error, av.error.FileNotFoundError | av.error.HTTPNotFoundError):
        return CameraNotFoundError(f"{device.name} does not exist.", hint="Check the path or the address.")
    if isinstance(error, av.error.PermissionError | av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        return CameraPermissionDeniedError(
            f"{device.name} may not be read.", hint="Check the file's permissions, or the user name and password."
        )
    hint = (
        "Check that the file is a video." if device.kind == "file" else "Check the address and that the camera is on."
    )
    return CameraFailedError(f"{device.name} did not open.", hint=hint)


class MediaCamera(GuardedCamera):
    """A stream of packets that libav decodes."""

    def __init__(self, device: Device, container: InputContainer) -> None:
        super().__init__()
        self._device = device
        self._container = container
        self._stream: VideoStream = container.streams.video[0]
        codec = self._stream.codec_context
        self._number = 0
        rate = round(min(float(self._stream.average_rate or self._stream.guessed_rate or 30), 240.0), 3)
        self._pixel_aspect = PixelAspect()
        self._frames = FrameMaker(rate, codec.name)
        size = shown_size(codec.width, codec.height, rate, self._pixel_aspect.of(self._stream))
        self._format = Format(*size, rate, codec.name)

    @property
    def format(self) -> Format:
        return self._format

    def _numbered(self, picture: av.VideoFrame) -> Frame:
        number, self._number = self._number, self._number + 1
        return self._frames.frame(picture, number, time.monotonic(), self._pixel_aspect.of(self._stream))

    def _release(self) -> None:
        self._container.close()


class RtspCamera(MediaCamera):
    """A network camera: every picture as it comes."""

    def __init__(self, device: Device, container: InputContainer) -> None:
        super().__init__(device, container)
        self._pictures = self._decode()

    def _next_frame(self) -> Frame:
        try:
            return self._numbered(next(self._pictures))
        except (av.FFmpegError, StopIteration) as error:
            raise CameraFailedError(
                f"{self._device.name} stopped sending.", hint="Check the network camera and the network."
            ) from error

    def _decode(self) -> Iterator[av.VideoFrame]:
        empty = 0
        with packets_of(self._container, self._stream) as packets:
            for packet in packets:
                try:
                    pictures = packet.decode()
                except av.error.InvalidDataError:
                    pictures = []
                empty = 0 if pictures else empty + 1
                if empty > MAX_BAD_PACKETS:
                    return
                self._check_open()
                yield from pictures


class FileCamera(MediaCamera):
    """A file in a loop, paced by its time stamps.

    Each turn opens the path that was checked, and fails when a link has taken a place on it.
    """

    def __init__(self, device: Device, source: FileSource) -> None:
        self._source = source
        self._file = open_checked(source)
        try:
            super().__init__(device, _open(device, self._file, FILE_OPTIONS))
        except BaseException:
            self._file.close()
            raise
        self._pace = Pace(self._closing)
        self._interval = 1 / max(self._format.fps, 1.0)
        self._pictures = self._play()
        self._last: float | None = None

    def read_first(self) -> None:
        """Decode the first picture, which alone tells its orientation; read() gives it. Raises CameraFailedError."""
        try:
            first = next(self._pictures)
            width, height = self._frames.size_of(first, self._pixel_aspect.of(self._stream))
        except BaseException:
            self.close()
            raise
        self._format = replace(self._format, width=width, height=height)
        self._pictures = itertools.chain([first], self._pictures)

    def _next_frame(self) -> Frame:
        picture = next(self._pictures)
        self._pace.wait(self._since_last(picture))
        self._check_open()
        return self._numbered(picture)

    def _since_last(self, picture: av.VideoFrame) -> float:
        """Seconds after the last picture; from the file's last to its first, one ordinary interval."""
        last, self._last = self._last, None if picture.pts is None else picture.time
        if last is None or self._last is None or self._last <= last:
            return self._interval
        return min(self._last - last, LONGEST_INTERVAL)

    def _play(self) -> Iterator[av.VideoFrame]:
        """The pictures of the file, over and over."""
        while True:
            count = 0
            try:
                for picture in self._once():
                    count += 1
                    yield picture
            except OSError as error:  # of the disk, which libav reads through Python
                raise CameraFailedError(f"{self._device.name} cannot be read on.", hint="Check the disk.") from error
            if count == 0:
                raise CameraFailedError(f"{self._device.name} has no pictures.", hint="Choose another file.")
            self._rewind()

    def _once(self) -> Iterator[av.VideoFrame]:
        """From here to the end of the file; damaged pictures are left out."""
        with packets_of(self._container, self._stream) as packets:
            for packet in packets:
                self._check_open()
                try:
                    yield from packet.decode()
                except av.error.InvalidDataError:
                    continue
                except av.error.EOFError:
                    return

    def _rewind(self) -> None:
        """Open the file anew: seeking misses the first keyframe in some formats and is unknown to others."""
        self._container.close()
        self._file.close()
        self._file = open_checked(self._source)
        self._container = _open(self._device, self._file, FILE_OPTIONS)
        self._stream = self._container.streams.video[0]

    def _release(self) -> None:
        super()._release()
        self._file.close()
