"""The format of an open file equals the format of its frames."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from sidecar.cameras.camera import Camera
from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import RequestedFormat
from tests.support.charts import HEIGHT, PICTURES, WIDTH, Recording, ffmpeg, recording

TURNED = recording("bt709", "tv", 8, rotation=90, pixel_aspect=Fraction(4, 3))
RECORDINGS = [recording("bt601", "tv", 8), TURNED, recording("bt709", "pc", 8, rotation=180)]


def opened(path: Path) -> Camera:
    catalogue = Catalogue([f"file:{path.parent}/*"])
    return catalogue.open(catalogue.resolve(f"file:{path}"), RequestedFormat())


@pytest.mark.parametrize("made", RECORDINGS, ids=str)
def test_a_file_tells_the_size_that_it_shows_when_it_is_opened(tmp_path: Path, made: Recording) -> None:
    camera = opened(made.write(tmp_path))
    told = camera.format
    frames = [camera.read() for _ in range(PICTURES + 2)]  # once around
    camera.close()
    assert (told.width, told.height) == made.shown_size
    assert {(frame.width, frame.height) for frame in frames} == {made.shown_size}
    assert [frame.number for frame in frames] == list(range(PICTURES + 2))


def test_a_file_larger_than_receivers_decode_tells_the_size_that_it_is_scaled_to(tmp_path: Path) -> None:
    path = tmp_path / "big.mkv"
    ffmpeg("-f", "lavfi", "-i", "color=s=4512x2512:r=10:d=0.2", "-c:v", "mjpeg", str(path))
    camera = opened(path)
    frame = camera.read()
    camera.close()
    assert (camera.format.width, camera.format.height) == (frame.width, frame.height) == (4096, 2280)


def test_opening_a_turned_file_shows_its_first_picture_first(tmp_path: Path) -> None:
    path = tmp_path / "steps.mkv"
    raw = b"".join(bytes([50 * number]) * (3 * WIDTH * HEIGHT) for number in range(4))
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", "25", "-i", "-")
    ffmpeg(*source, "-c:v", "ffv1", "-pix_fmt", "yuv420p", str(path), data=raw)
    camera = opened(path)
    levels = [int(camera.read().planes[0][0, 0]) for _ in range(4)]
    camera.close()
    assert levels == [0, 50, 100, 150]
