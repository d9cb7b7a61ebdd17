from __future__ import annotations

import cv2
import numpy as np
import pytest

from sidecar.contract.errors import EncoderFailedError
from sidecar.encoding.jpeg_encoder import encode_jpeg
from sidecar.media.frame import ColorRange, Frame, Matrix, Plane

WIDTH, HEIGHT = 64, 48
TOLERANCE = 4  # of 255: 4:2:0, JPEG and two conversions

# R, G and B, and the same colour as Y, U and V of range "tv" (ITU-R BT.601 and BT.709).
Yuv = tuple[int, int, int]
COLOURS: dict[str, tuple[Yuv, dict[Matrix, Yuv]]] = {
    "white": ((255, 255, 255), {"bt601": (235, 128, 128), "bt709": (235, 128, 128)}),
    "black": ((0, 0, 0), {"bt601": (16, 128, 128), "bt709": (16, 128, 128)}),
    "red": ((254, 0, 0), {"bt601": (81, 90, 240), "bt709": (63, 102, 240)}),
    "blue": ((0, 0, 255), {"bt601": (41, 240, 110), "bt709": (32, 240, 118)}),
}


def full(plane: int, luma: bool) -> int:
    """A sample of range "tv" in range "pc"."""
    return round((plane - 16) * 255 / 219) if luma else min(round(128 + (plane - 128) * 255 / 224), 255)


def flat(value: int, width: int = WIDTH, height: int = HEIGHT) -> Plane:
    return np.full((height, width), value, np.uint8)


def frame(pixel_format: str, yuv: Yuv, color_range: ColorRange, matrix: Matrix) -> Frame:
    y, u, v = yuv if color_range == "tv" else (full(yuv[0], True), full(yuv[1], False), full(yuv[2], False))
    half = WIDTH // 2
    planes: dict[str, tuple[Plane, ...]] = {
        "yuv420p": (flat(y), flat(u, half, HEIGHT // 2), flat(v, half, HEIGHT // 2)),
        "yuv422p": (flat(y), flat(u, half), flat(v, half)),
        "nv12": (flat(y), np.tile(np.array([u, v], np.uint8), (HEIGHT // 2, half))),
        "yuyv422": (np.tile(np.array([y, u, y, v], np.uint8), (HEIGHT, half)),),
    }
    return Frame(planes[pixel_format], pixel_format, WIDTH, HEIGHT, 0, 0.0, color_range, matrix)


def decoded(data: bytes) -> Plane:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(picture, np.uint8)


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "nv12", "yuyv422"])
@pytest.mark.parametrize("color_range", ["tv", "pc"])
@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
@pytest.mark.parametrize("colour", COLOURS)
def test_colours_stay_what_they_are(pixel_format: str, color_range: ColorRange, matrix: Matrix, colour: str) -> None:
    rgb, yuv = COLOURS[colour]
    picture = decoded(encode_jpeg(frame(pixel_format, yuv[matrix], color_range, matrix)))
    assert picture.shape == (HEIGHT, WIDTH, 3)
    seen = picture[:, :, ::-1].mean(axis=(0, 1))
    assert np.abs(seen - rgb).max() <= TOLERANCE


@pytest.mark.parametrize(("color_range", "white"), [("tv", 235), ("pc", 255)])
def test_grey_pictures_use_the_whole_range(color_range: ColorRange, white: int) -> None:
    picture = Frame((flat(white),), "gray", WIDTH, HEIGHT, 0, 0.0, color_range)
    assert decoded(encode_jpeg(picture)).mean() >= 254


def test_bgr_pictures_of_odd_size_lose_a_row_and_a_column() -> None:
    planes = (np.full((HEIGHT + 1, WIDTH + 1, 3), (255, 0, 0), np.uint8),)
    picture = decoded(encode_jpeg(Frame(planes, "bgr24", WIDTH + 1, HEIGHT + 1, 0, 0.0)))
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(picture.mean(axis=(0, 1)) - (255, 0, 0)).max() <= TOLERANCE


def test_an_unknown_pixel_format_is_an_error() -> None:
    with pytest.raises(EncoderFailedError, match="pal8"):
        encode_jpeg(Frame((flat(0),), "pal8", WIDTH, HEIGHT, 0, 0.0))
