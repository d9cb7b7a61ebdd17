"""The target bitrate of a stream, and the links that are narrow beside the best one."""

from __future__ import annotations

from sidecar.streams.bitrate import FLOOR, NARROW_AT_LEAST, BitrateTarget, NarrowLink, default_bitrate
from tests.support.clock import Clock


def test_720p_at_30_gets_two_and_a_half_megabits() -> None:
    assert 2_400_000 < default_bitrate(1280, 720, 30) < 2_600_000


def test_a_requested_bitrate_is_not_exceeded() -> None:
    assert BitrateTarget.choose(2_000_000, None, 1_000_000).value([9_000_000]) == 2_000_000


def test_a_good_link_raises_the_default_up_to_its_headroom() -> None:
    target = BitrateTarget.choose(None, None, 1_000_000)
    assert target.value([]) == 1_000_000
    assert 1_000_000 < target.value([9_000_000]) == target.maximum


def test_another_picture_size_gets_its_own_default_unless_a_bitrate_was_requested() -> None:
    target = BitrateTarget.choose(None, None, 300_000)
    target.follow_default(2_500_000)
    assert target.value([]) == 2_500_000 < target.maximum
    target.change(800_000, None)
    target.follow_default(300_000)
    assert target.value([]) == 800_000
    limited = BitrateTarget.choose(None, 500_000, 300_000)
    limited.follow_default(2_500_000)
    assert (limited.value([]), limited.maximum) == (300_000, 500_000)


def test_the_slowest_viewer_decides() -> None:
    target = BitrateTarget.choose(2_000_000, 4_000_000, 1_000_000)
    assert target.value([3_000_000, 500_000]) == 500_000
    assert target.value([3_000_000]) == 3_000_000


def test_an_estimate_of_zero_leaves_the_floor() -> None:
    assert BitrateTarget.choose(2_000_000, None, 1_000_000).value([0]) == FLOOR


def test_a_maximum_below_the_bitrate_lowers_it() -> None:
    assert BitrateTarget.choose(2_000_000, 500_000, 1_000_000).value([]) == 500_000
    target = BitrateTarget.choose(2_000_000, None, 1_000_000)
    target.change(None, 700_000)
    assert (target.value([]), target.maximum) == (700_000, 700_000)


def test_a_bitrate_above_the_maximum_lifts_that() -> None:
    target = BitrateTarget.choose(1_000_000, None, 1_000_000)
    target.change(3_000_000, None)
    assert (target.value([]), target.maximum) == (3_000_000, 3_000_000)


def test_the_link_of_a_single_viewer_is_never_narrow() -> None:
    assert not NarrowLink().is_narrow(200_000, best=200_000)


def test_a_link_of_unknown_capacity_is_not_narrow() -> None:
    assert not NarrowLink().is_narrow(None, best=2_000_000)


def test_a_link_of_less_than_half_is_narrow_and_of_a_little_less_is_not() -> None:
    assert NarrowLink().is_narrow(900_000, best=2_000_000)
    assert not NarrowLink().is_narrow(1_100_000, best=2_000_000)


def test_a_narrow_link_stays_narrow_for_a_while_and_until_it_is_clearly_better() -> None:
    clock = Clock(0.0)
    link = NarrowLink(clock)
    assert link.is_narrow(900_000, best=2_000_000)
    assert link.is_narrow(1_900_000, best=2_000_000)
    clock.now = NARROW_AT_LEAST
    assert link.is_narrow(1_400_000, best=2_000_000)
    assert not link.is_narrow(1_500_000, best=2_000_000)


def test_a_link_that_is_left_as_the_best_is_narrow_no_more() -> None:
    link = NarrowLink()
    assert link.is_narrow(500_000, best=2_000_000)
    assert not link.is_narrow(500_000, best=500_000)
