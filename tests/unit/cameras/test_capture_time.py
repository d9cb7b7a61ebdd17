"""The capture time of a frame, from a driver's time stamp."""

from __future__ import annotations

import time

import pytest

from sidecar.cameras.capture_time import captured_at


def test_a_driver_s_monotonic_time_stamp_is_kept() -> None:
    stamp = time.monotonic() - 0.03
    assert captured_at(stamp) == stamp


@pytest.mark.parametrize("offset", [-3600.0, -6.0, 0.5, 1_700_000_000.0])
def test_a_time_stamp_of_another_clock_is_replaced_by_now(offset: float) -> None:
    before = time.monotonic()
    assert before <= captured_at(before + offset) <= time.monotonic()


def test_without_a_time_stamp_it_is_now() -> None:
    before = time.monotonic()
    assert before <= captured_at(None) <= time.monotonic()
