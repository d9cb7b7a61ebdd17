"""Photos of frames: sizes, colours and the largest file."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from sidecar.contract.errors import LimitExceededError
from sidecar.contract.limits import MAX_PHOTO_BYTES
from sidecar.encoding.photo import encode_photo
from sidecar.media.frame import Frame, Plane
from sidecar.media.photo import Photo, PhotoOptions, PhotoType
from tests.support.pictures import HEIGHT, WIDTH, MovingPicture

PNG, JPEG = PhotoOptions("image/png", 0.92), PhotoOptions("image/jpeg", 0.92)


def decoded(photo: Photo) -> Plane:
    """The picture of a photo, B, G and R."""
    found = cv2.imdecode(np.frombuffer(b64decode(photo.base64, validate=True), np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return np.asarray(found, np.uint8)


def by_ffmpeg(frame: Frame) -> Plane:
    """The same picture, converted by FFmpeg."""
    picture = av.VideoFrame.from_ndarray(
        np.concatenate([plane.reshape(-1) for plane in frame.planes]).reshape(-1, frame.width), format="yuv420p"
    )
    converted = picture.reformat(
        format="bgr24",
        src_colorspace=Colorspace.ITU601,
        src_color_range=ColorRange.MPEG,
        interpolation=Interpolation.POINT,
    )
    return converted.to_ndarray().astype(np.uint8)


def test_a_png_has_the_pixels_of_the_picture() -> None:
    frame = MovingPicture().frame(0)
    photo = encode_photo(frame, PNG)
    assert (photo.mime_type, photo.width, photo.height, photo.captured_at) == ("image/png", WIDTH, HEIGHT, 1000.0)
    assert b64decode(photo.base64).startswith(b"\x89PNG")
    difference = np.abs(decoded(photo).astype(int) - by_ffmpeg(frame))
    assert difference.max() <= 3, "two conversions round differently"


def test_a_jpeg_of_a_higher_quality_is_larger_and_nearer_to_the_picture() -> None:
    frame = MovingPicture().frame(0)
    exact = decoded(encode_photo(frame, PNG)).astype(int)
    coarse, fine = (encode_photo(frame, JPEG._replace(quality=quality)) for quality in (0.1, 1.0))
    assert b64decode(fine.base64).startswith(b"\xff\xd8\xff")
    assert len(fine.base64) > 3 * len(coarse.base64)
    errors = [np.abs(decoded(photo) - exact).mean() for photo in (coarse, fine)]
    assert errors[1] < errors[0] / 2


@pytest.mark.parametrize("mime_type", ["image/jpeg", "image/png"])
@pytest.mark.parametrize("quality", [0.0, 1.0])
def test_every_quality_can_be_encoded(mime_type: PhotoType, quality: float) -> None:
    photo = encode_photo(MovingPicture().frame(0), PhotoOptions(mime_type, quality))
    assert decoded(photo).shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize(
    ("limits", "size"),
    [
        ((None, None), (320, 180)),
        ((160, None), (160, 90)),
        ((None, 90), (160, 90)),
        ((160, 160), (160, 90)),
        ((300, 45), (80, 45)),
        ((4000, 4000), (320, 180)),
        ((4000, 60), (107, 60)),
        ((1, None), (1, 1)),
    ],
)
def test_a_photo_fits_into_its_limits_keeps_its_aspect_ratio_and_is_never_enlarged(
    limits: tuple[int | None, int | None], size: tuple[int, int]
) -> None:
    photo = encode_photo(MovingPicture().frame(0), PhotoOptions("image/png", 0.92, *limits))
    assert (photo.width, photo.height) == size
    assert decoded(photo).shape == (size[1], size[0], 3)


def test_a_smaller_photo_is_the_mean_of_the_pixels() -> None:
    frame = MovingPicture().frame(0)
    whole = decoded(encode_photo(frame, PNG)).astype(int)
    half = decoded(encode_photo(frame, PNG._replace(max_width=WIDTH // 2)))
    means = whole.reshape(HEIGHT // 2, 2, WIDTH // 2, 2, 3).mean(axis=(1, 3))
    assert np.abs(half - means).max() <= 1


def test_a_grey_picture_is_a_grey_photo() -> None:
    frame = Frame((np.full((HEIGHT, WIDTH), 200, np.uint8),), "gray", WIDTH, HEIGHT, 0, 0.0, "pc")
    assert set(decoded(encode_photo(frame, PNG)).ravel()) == {200}


def test_a_file_that_is_too_large_is_an_error_that_names_the_limit() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1600, 1600, 3)).astype(np.uint8)
    frame = Frame((noise,), "bgr24", 1600, 1600, 0, 0.0)
    with pytest.raises(LimitExceededError) as refused:
        encode_photo(frame, PNG)
    assert refused.value.details == {"limit": "photo_bytes", "maximum": MAX_PHOTO_BYTES}
    assert encode_photo(frame, PNG._replace(max_width=800)).width == 800
    assert encode_photo(replace(frame), JPEG).width == 1600
