"""An open video file."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from typing import Final

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from sidecar.cameras.camera import GuardedCamera
from sidecar.cameras.device import Format
from sidecar.cameras.files.container import CONVERT_HINT, OpenFile, film_streams, has_decoder, open_container
from sidecar.cameras.files.timing import STILL_INTERVAL, Intervals
from sidecar.cameras.frame_maker import FrameMaker
from sidecar.cameras.pace import Pace
from sidecar.cameras.packets import Packet, packets_of
from sidecar.cameras.picture_format import PixelAspect
from sidecar.contract.errors import CameraFailedError
from sidecar.media.frame import Frame

MAX_BAD_PACKETS: Final = 300
"""Packets from the beginning of a stream that decode to no picture, after which the next stream is tried."""

FASTEST, USUAL = 240.0, 30.0
"""The highest frame rate that a file may claim, and the rate of a file without one, in frames per second."""


def open_file(name: str, open_it: OpenFile) -> GuardedCamera:
    """Play a file in a loop, and open it for each turn. Errors call the file `name`.

    Raises CameraFailedError, and the errors of `open_it`.
    """
    return FileCamera(name, open_it)


class FileCamera(GuardedCamera):
    """A file in a loop, paced by its time stamps."""

    def __init__(self, name: str, open_it: OpenFile) -> None:
        """Choose a video stream and decode its first picture. Raises CameraFailedError."""
        super().__init__()
        self._name = name
        self._open_it = open_it
        self._pace = Pace(self._closing)
        self._number = 0
        self._pass: Generator[av.VideoFrame, None, None] = _nothing()
        first = self._choose()
        rate = _frame_rate(self._stream)
        self._intervals = Intervals(1 / max(rate, 1.0))
        self._pixel_aspect = PixelAspect()
        self._frames = FrameMaker(rate, self._stream.codec_context.name)
        size = self._frames.size_of(first, self._pixel_aspect.of(self._stream))
        self._format = Format(*size, rate, self._stream.codec_context.name)
        self._pictures = self._play(first)

    @property
    def format(self) -> Format:
        return self._format

    def _next_frame(self) -> Frame:
        try:
            picture = next(self._pictures)
        except (av.FFmpegError, OSError) as error:
            raise CameraFailedError(f"{self._name} cannot be read further.", hint="Check the disk.") from error
        self._pace.wait(self._intervals.until(None if picture.pts is None else picture.time))
        self._check_open()
        number, self._number = self._number, self._number + 1
        with self._calculation():
            return self._frames.frame(picture, number, time.monotonic(), self._pixel_aspect.of(self._stream))

    # -- the choice of the stream -------------------------------------------------------------------------------------

    def _choose(self) -> av.VideoFrame:
        """Choose the first stream that decodes to a picture; return that picture."""
        self._open()
        try:
            for number, index in enumerate(film_streams(self._name, self._container)):
                if number > 0:
                    self._rewind()
                self._take(index)
                first = next(self._pass, None)
                if first is not None:
                    return first
            raise CameraFailedError(f"{self._name} has no pictures that can be decoded.", hint=CONVERT_HINT)
        except BaseException:
            self._close()
            raise

    def _open(self) -> None:
        self._file = self._open_it()
        try:
            self._container = open_container(self._name, self._file)
        except BaseException:
            self._file.close()
            raise

    def _close(self) -> None:
        self._pass.close()
        self._container.close()
        self._file.close()

    def _rewind(self) -> None:
        """Open the file again. Some formats lose the first keyframe by seeking, and others cannot seek."""
        self._close()
        self._open()

    def _take(self, index: int) -> None:
        """Play the stream of this index."""
        found = [stream for stream in self._container.streams.video if stream.index == index]
        if not found or not has_decoder(found[0]):
            raise CameraFailedError(f"{self._name} has changed.", hint="Start the file again.")
        self._stream = found[0]
        self._pass = self._once(self._container, found[0])

    # -- the loop -----------------------------------------------------------------------------------------------------

    def _play(self, first: av.VideoFrame) -> Iterator[av.VideoFrame]:
        """Yield the pictures of the file in an endless loop."""
        count = 1
        yield first
        while True:
            for picture in self._pass:
                count += 1
                yield picture
            if count == 0:
                raise CameraFailedError(f"{self._name} has no pictures.", hint="Choose another file.")
            if count == 1 and self._format.fps > 1 / STILL_INTERVAL:
                self._intervals = Intervals(STILL_INTERVAL)
            index = self._stream.index  # the streams of a closed container must not be accessed
            self._rewind()
            self._take(index)
            count = 0

    def _once(self, container: InputContainer, stream: VideoStream) -> Generator[av.VideoFrame, None, None]:
        """Yield the pictures up to the end of the file, without damaged ones."""
        bad, has_picture = 0, False
        with packets_of(container, stream) as packets:
            for packet in packets:
                self._check_open()
                with self._calculation():
                    pictures = _decoded(packet)
                has_picture = has_picture or bool(pictures)
                bad = 0 if pictures else bad + 1
                if bad > MAX_BAD_PACKETS and not has_picture:
                    return  # the stream is damaged from its beginning, or its encoding is unsupported
                yield from pictures

    def _release(self) -> None:
        self._close()


def _decoded(packet: Packet) -> list[av.VideoFrame]:
    try:
        return packet.decode()
    except av.FFmpegError:  # damaged, or the end of the stream
        return []


def _nothing() -> Generator[av.VideoFrame, None, None]:
    yield from ()


def _frame_rate(stream: VideoStream) -> float:
    for rate in (stream.average_rate, stream.guessed_rate):
        if rate and rate <= FASTEST:
            return round(float(rate), 3)
    return FASTEST if stream.average_rate else USUAL
