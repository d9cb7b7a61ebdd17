from __future__ import annotations

from itertools import pairwise

import pytest

from sidecar.media.frame_rate import FrameRateLimit


def kept(limit: FrameRateLimit, camera_fps: float, count: int = 300) -> list[int]:
    return [number for number in range(count) if limit.admits(50 + number / camera_fps)]


def test_without_a_limit_every_frame_passes() -> None:
    assert kept(FrameRateLimit(), 30) == list(range(300))


@pytest.mark.parametrize("fps", [1, 5, 10, 12, 15, 20, 24, 25, 29.97])
def test_frames_are_left_out_evenly(fps: float) -> None:
    numbers = kept(FrameRateLimit(fps), 30)
    assert len(numbers) == pytest.approx(300 * fps / 30, abs=2)
    gaps = [after - before for before, after in pairwise(numbers[3:])]
    assert max(gaps) - min(gaps) <= 1


def test_a_camera_at_the_limit_loses_nothing_to_its_jitter() -> None:
    limit = FrameRateLimit(30)
    assert all(limit.admits(number / 30 + (0.002 if number % 3 == 0 else -0.002)) for number in range(300))


def test_a_slower_camera_passes_and_saves_nothing_up() -> None:
    limit = FrameRateLimit(20)
    assert kept(limit, 10, 100) == list(range(100))
    after = [limit.admits(70 + number / 60) for number in range(60)]
    assert sum(after) == pytest.approx(20, abs=1)


def test_a_needed_frame_passes_and_counts() -> None:
    limit = FrameRateLimit(1)
    assert limit.admits(0.0)
    assert not limit.admits(0.5)
    assert limit.admits(0.6, needed=True)
    assert not limit.admits(1.1)
    assert limit.admits(2.0)


def test_many_needed_frames_are_not_paid_for_later() -> None:
    limit = FrameRateLimit(1)
    assert all(limit.admits(number / 30, needed=True) for number in range(60))
    assert sum(limit.admits(2 + number / 30) for number in range(90)) in (2, 3)
