"""The content of the test pattern, as the contract describes it."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.cameras.device import Format, RequestedFormat
from sidecar.cameras.pattern.painter import COLOR_BARS, STAMP_CELLS, Painter, color_bar, stamp_height
from sidecar.cameras.pattern.test_pattern import TestPattern, nearest_pattern_format
from sidecar.media.frame import Plane

SIZES = [(64, 36), (66, 38), (320, 180), (640, 480), (854, 480), (720, 1280), (1280, 720), (3840, 2160)]


def read_stamp(luma: Plane) -> int:
    """Return the 32 bits at the centres of the cells, read by the rules of the contract."""
    height, width = luma.shape
    row = height // 36
    cells = [luma[row, int((cell + 0.5) * width / 32)] for cell in range(32)]
    return sum(1 << bit for bit, value in enumerate(cells) if value > 127)


def painted(width: int, height: int, number: int = 0, wall: float = 0.0) -> tuple[Plane, Plane, Plane]:
    return Painter(Format(width, height, 30.0, "yuv420p")).paint(number, wall)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_strip_carries_the_wall_clock_at_every_size(width: int, height: int) -> None:
    wall = 1_700_000_000.0 + 0.123456
    luma, u, v = painted(width, height, wall=wall)
    assert read_stamp(luma) == int(wall * 1000) % 2**32
    strip = luma[: stamp_height(height)]
    assert set(np.unique(strip)) <= {16, 235}
    assert (strip == strip[0]).all()
    assert {*np.unique(u[: stamp_height(height) // 2]), *np.unique(v[: stamp_height(height) // 2])} == {128}


@given(wall=st.floats(min_value=0, max_value=2**33, allow_nan=False))
def test_the_strip_carries_every_time(wall: float) -> None:
    assert read_stamp(painted(64, 36, wall=wall)[0]) == int(wall * 1000) % 2**32


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_planes_are_i420_of_the_right_size_and_within_range(width: int, height: int) -> None:
    luma, u, v = painted(width, height, number=17)
    assert luma.shape == (height, width)
    assert u.shape == v.shape == (height // 2, width // 2)
    assert luma.dtype == u.dtype == v.dtype == np.uint8
    assert luma.min() >= 16
    assert luma.max() <= 235
    assert min(u.min(), v.min()) >= 16
    assert max(u.max(), v.max()) <= 240


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_colour_bars_stand_where_they_are_said_to(width: int, height: int) -> None:
    planes = painted(width, height, number=40)
    for bar, (_, value) in enumerate(COLOR_BARS):
        x, y, bar_width, bar_height = color_bar(width, height, bar)
        assert min(bar_width, bar_height) >= 2
        assert not any(number % 2 for number in (x, y, bar_width, bar_height))
        for plane, scale, component in zip(planes, (1, 2, 2), value, strict=True):
            area = plane[y // scale : (y + bar_height) // scale, x // scale : (x + bar_width) // scale]
            assert (area == component).all()


def test_the_arrow_points_up_and_the_letters_tell_left_from_right() -> None:
    def white_text(plane: Plane) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        return plane >= 225

    luma = painted(1280, 720)[0]
    assert white_text(luma[400:450, 10:50]).any(), "the L"
    assert white_text(luma[400:450, 1230:1270]).any(), "the R"
    arrow = white_text(luma[136:216, 840:880]).sum(axis=1)
    assert arrow[: len(arrow) // 2].max() > 1.5 * arrow[len(arrow) // 2 :].max(), "its head is the wider end"


def test_each_picture_differs_and_has_planes_of_its_own() -> None:
    painter = Painter(Format(320, 180, 30.0, "yuv420p"))
    first, second = painter.paint(0, 0.0), painter.paint(1, 1 / 30)
    kept = [plane.copy() for plane in first]
    painter.paint(2, 2 / 30)
    below = slice(stamp_height(180), None)
    assert (first[0][below] != second[0][below]).mean() > 0.5
    assert all((plane == copy).all() for plane, copy in zip(first, kept, strict=True))


def test_the_stamp_is_the_time_of_capture() -> None:
    pattern = TestPattern(RequestedFormat(64, 36, 120))
    try:
        for _ in range(3):
            before = time.time()
            frame = pattern.read()
            looked = time.time()
            age = time.monotonic() - frame.captured_at
            after = time.time()  # a busy machine may have stopped this process since `looked`
            stamped = read_stamp(frame.planes[0]) + (int(before * 1000) >> 32 << 32)
            assert int(before * 1000) <= stamped <= int(after * 1000)
            assert 1000 * (looked - age) - 20 < stamped < 1000 * (after - age) + 20
    finally:
        pattern.close()


def test_pictures_come_at_the_rate_asked_for() -> None:
    pattern = TestPattern(RequestedFormat(64, 36, 100))
    try:
        times = [pattern.read().captured_at for _ in range(21)]
    finally:
        pattern.close()
    assert 0.199 <= times[-1] - times[0] < 2
    assert min(np.diff(times)) >= 0


@pytest.mark.parametrize(
    ("requested", "given"),
    [
        (RequestedFormat(), (1280, 720, 30.0)),
        (RequestedFormat(641, 361, 25), (640, 360, 25.0)),
        (RequestedFormat(16, 16, 1), (64, 36, 1.0)),
        (RequestedFormat(7680, 4320, 60), (3840, 2160, 60.0)),
        (RequestedFormat(7680, 4320, 240), (2776, 1562, 120.0)),
        (RequestedFormat(width=640), (640, 360, 30.0)),
        (RequestedFormat(fps=12.5), (1280, 720, 12.5)),
    ],
)
def test_the_nearest_format_that_it_can_is_given(requested: RequestedFormat, given: tuple[int, int, float]) -> None:
    assert nearest_pattern_format(requested) == Format(*given, "yuv420p")


def test_the_strip_has_the_contracts_number_of_cells() -> None:
    assert STAMP_CELLS == 32
