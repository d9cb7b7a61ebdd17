"""Opening a file as a container, without access to any other file or to the network."""

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
"""Opens the file for reading and seeking.

Raises CameraNotFoundError, CameraPermissionDeniedError, CameraFailedError, SourceNotAllowedError.
"""

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
"""Demuxers of a single file, by FFmpeg's names. Demuxers of play lists, descriptions and image sequences (hls, dash,
concat, imf, sdp, rtsp, image2 …) are excluded, because their files name other files or servers, which no pattern of the
command line allows. The "pipe" demuxers read consecutive pictures from the file itself."""

OPTIONS: Final = {
    "format_whitelist": ",".join(FORMATS),
    "protocol_whitelist": "none",  # no protocol has this name, so URLs inside of the file are not opened
    "enable_drefs": "0",  # MOV: tracks in other files
    "use_absolute_path": "0",
}

OPEN_TIMEOUT, READ_TIMEOUT = 8.0, 5.0
"""The time, in seconds, that libav may take to recognise a file, and then to read a packet."""

NO_VIDEO_HINT: Final = "Check that the file is a video, and that it is complete."
CONVERT_HINT: Final = "Convert the file to H.264 in MP4, or choose another one."

MAX_STREAMS: Final = 8
"""The number of video streams of one file that are tried."""

_NO_FILM: Final = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.dependent


class NamelessFile:
    """A file for PyAV without its name. libav would guess image sequences and protocols from a name."""

    def __init__(self, file: FileIO) -> None:
        self.read = file.read
        self.seek = file.seek
        self.tell = file.tell


def open_container(name: str, file: FileIO) -> InputContainer:
    """Open a file from its beginning. Errors call the file `name`; the caller closes it.

    Raises CameraFailedError when the file is not a playable video.
    """
    try:
        container = av.open(NamelessFile(file), "r", options=OPTIONS, timeout=(OPEN_TIMEOUT, READ_TIMEOUT))
    except (av.FFmpegError, OSError) as error:
        raise CameraFailedError(f"{name} is not a video that can be played.", hint=NO_VIDEO_HINT) from error
    for stream in container.streams.video:
        if has_decoder(stream):
            stream.thread_type = "SLICE"  # frame threads would delay pictures
    return container


def has_decoder(stream: VideoStream) -> bool:
    """Return whether libav has a decoder for the stream."""
    codec: object = stream.codec_context  # None without a decoder, which the type stub omits
    return codec is not None


def film_streams(name: str, container: InputContainer) -> list[int]:
    """Return the indices of the streams that may be the film: the default stream first, then by size.

    Cover pictures and thumbnails are excluded. Raises CameraFailedError when no stream is left.
    """
    videos = container.streams.video
    films = [stream for stream in videos if has_decoder(stream) and not stream.disposition & _NO_FILM]
    if not films:
        if any(stream.disposition & _NO_FILM for stream in videos):
            raise CameraFailedError(f"{name} has no film, only a cover picture.", hint="Choose a video file.")
        if videos:
            raise CameraFailedError(f"{name} has video in an encoding that is not supported.", hint=CONVERT_HINT)
        raise CameraFailedError(f"{name} has no video.", hint="Choose a video file.")
    return [stream.index for stream in sorted(films, key=_order)[:MAX_STREAMS]]


def _order(stream: VideoStream) -> tuple[bool, int, int]:
    codec = stream.codec_context
    return not stream.disposition & Disposition.default, -codec.width * codec.height, stream.index
