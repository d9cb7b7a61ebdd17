"""QR codes: a video that shows them in turn, and reading them, both with OpenCV."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]

FPS = 30
QUIET_ZONE = 4
"""Modules of white around a code (ISO/IEC 18004, 6.3.8)."""

GREY = 160
"""The picture around the code."""


def write_codes(path: Path, texts: Sequence[str], *, size: tuple[int, int] = (640, 480), seconds: int = 1) -> Path:
    """A video that shows the QR code of each text in its middle, for so many seconds each."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=FPS)
        stream.width, stream.height = size
        stream.bit_rate = 4_000_000
        for number in range(len(texts) * seconds * FPS):
            picture = picture_of(texts[number // (seconds * FPS)], size)
            frame = av.VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def picture_of(text: str, size: tuple[int, int]) -> Picture:
    """A grey picture, width and height, with the QR code of the text in its middle, half as high as the picture."""
    code = np.asarray(cv2.QRCodeEncoder.create().encode(text), np.uint8)
    code = np.pad(code, QUIET_ZONE, constant_values=255)
    code = code.repeat(size[1] // 2 // len(code), axis=0)
    code = code.repeat(len(code) // code.shape[1], axis=1)
    top, left = (size[1] - code.shape[0]) // 2, (size[0] - code.shape[1]) // 2
    picture = np.full((size[1], size[0]), GREY, np.uint8)
    picture[top : top + code.shape[0], left : left + code.shape[1]] = code
    return picture


def read_code(picture: npt.ArrayLike) -> str:
    """The text of the QR code in a picture; "" without one."""
    return cv2.QRCodeDetector().detectAndDecode(np.asarray(picture, np.uint8))[0]


def read_data_url(url: str) -> str:
    """The text of the QR code in a picture that is a data URL; "" without one, or in an empty picture."""
    data = data_of(url)
    if not data:
        return ""
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert decoded is not None, url[:60]
    return read_code(decoded)


def data_of(url: str) -> bytes:
    """The bytes of a data URL."""
    return base64.b64decode(url.partition(",")[2])
