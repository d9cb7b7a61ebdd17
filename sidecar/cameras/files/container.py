"""Opening a file as a container, so that nothing but this file is ever read."""

from __future__ import annotations

from collections.abc import Callable
from io import FileIO
from typing import Final, TypeAlias

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from sidecar.contract.errors import CameraFailedError

OpenFile: TypeAlias = Callable[[], FileIO]
"""Opens the file for reading and seeking. Raises CameraNotFoundError, CameraPermissionDeniedError and the like."""

FORMATS: Final = (
    "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska,webm",
    "avi",
    "mpegts",
    "mpeg",
    "mpegvideo",
    "m4v",
    "flv",
    "ogg",
    "asf",
    "mxf",
    "gxf",
    "dv",
    "rm",
    "swf",
    "wtv",
    "mjpeg",
    "h263",
    "h264",
    "hevc",
    "vc1",
    "av1",
    "obu",
    "ivf",
    "yuv4mpegpipe",
    "nut",
    "gif",
    "apng",
    "jpeg_pipe",
    "png_pipe",
    "webp_pipe",
    "bmp_pipe",
)
"""Demuxers of a single file, by FFmpeg's names. Play lists, descriptions and image sequences are left out (hls, dash,
concat, imf, sdp, rtsp, image2 …): they name other files or servers, which nobody allowed. The "pipe" ones read
pictures one after the other from the file itself."""

OPTIONS: Final = {
    "format_whitelist": ",".join(FORMATS),
    "protocol_whitelist": "none",  # no protocol has this name: what a file names inside of itself is not opened
    "enable_drefs": "0",  # MOV: tracks in other files
    "use_absolute_path": "0",
}

OPEN_TIMEOUT, READ_TIMEOUT = 8.0, 5.0
"""Seconds that libav may take to recognise a file, and then to read a packet."""

NO_VIDEO_HINT: Final = "Check that the file is a video, and that it is whole."
CONVERT_HINT: Final = "Convert the file to H.264 in MP4, or choose another one."

MAX_STREAMS: Final = 8
"""Video streams of one file that are tried."""

_NO_FILM: Final = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.dependent


class NamelessFile:
    """A file for PyAV without its name, from which libav would guess image sequences and protocols."""

    def __init__(self, file: FileIO) -> None:
        self.read = file.read
        self.seek = file.seek
        self.tell = file.tell


def open_container(name: str, file: FileIO) -> InputContainer:
    """Open a file that was not read yet; `name` is what errors call it. The file stays its owner's to close.

    Raises CameraFailedError when it is no video that can be played.
    """
    try:
        container = av.open(NamelessFile(file), "r", options=OPTIONS, timeout=(OPEN_TIMEOUT, READ_TIMEOUT))
    except (av.FFmpegError, OSError) as error:
        raise CameraFailedError(f"{name} is no video that can be played.", hint=NO_VIDEO_HINT) from error
    for stream in container.streams.video:
        if has_decoder(stream):
            stream.thread_type = "SLICE"  # threads by frame would hold pictures back
    return container


def has_decoder(stream: VideoStream) -> bool:
    """Tell whether libav knows the stream's encoding."""
    codec: object = stream.codec_context  # None without a decoder, which its stub does not say
    return codec is not None


def film_streams(name: str, container: InputContainer) -> list[int]:
    """Return the indices of the streams that may be the film: the default one first, then by their size.

    Cover pictures and thumbnails are none. Raises CameraFailedError when there is no such stream.
    """
    videos = container.streams.video
    films = [stream for stream in videos if has_decoder(stream) and not stream.disposition & _NO_FILM]
    if not films:
        if any(stream.disposition & _NO_FILM for stream in videos):
            raise CameraFailedError(f"{name} holds no film, only a cover picture.", hint="Choose a video file.")
        if videos:
            raise CameraFailedError(f"{name} has video in an encoding that is unknown here.", hint=CONVERT_HINT)
        raise CameraFailedError(f"{name} has no video.", hint="Choose a video file.")
    return [stream.index for stream in sorted(films, key=_order)[:MAX_STREAMS]]


def _order(stream: VideoStream) -> tuple[bool, int, int]:
    codec = stream.codec_context
    return not stream.disposition & Disposition.default, -codec.width * codec.height, stream.index
