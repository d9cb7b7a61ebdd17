from __future__ import annotations

import pytest

from sidecar.contract.errors import EncoderFailedError
from sidecar.media.h264.levels import level_for


@pytest.mark.parametrize(
    ("width", "height", "fps", "expected"),
    [
        (320, 180, 30, "42e01f"),
        (1280, 720, 30, "42e01f"),
        (1280, 720, 31, "42e020"),
        (1280, 720, 60, "42e020"),
        (1280, 1024, 30, "42e020"),
        (1920, 1080, 30, "42e028"),
        (1920, 1080, 60, "42e02a"),
        (2560, 1440, 30, "42e032"),
        (3840, 2160, 30, "42e033"),
        (3840, 2160, 60, "42e034"),
        (7680, 4320, 60, "42e03d"),
    ],
)
def test_the_level_is_the_lowest_of_table_a_1_that_fits(width: int, height: int, fps: float, expected: str) -> None:
    assert level_for(width, height, fps).profile_level_id == expected


def test_a_bitrate_can_raise_the_level() -> None:
    assert level_for(1280, 720, 30, 14_000_000).name == "3.1"
    assert level_for(1280, 720, 30, 25_000_000).name == "4.1"


def test_a_long_thin_picture_needs_a_higher_level_than_its_area() -> None:
    assert level_for(4096, 64, 30).level_idc > level_for(512, 512, 30).level_idc


def test_a_picture_that_no_level_allows_is_an_error() -> None:
    with pytest.raises(EncoderFailedError, match="7680x4320 at 240"):
        level_for(7680, 4320, 240)
