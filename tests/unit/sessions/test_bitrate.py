from __future__ import annotations

from sidecar.sessions.bitrate import BitrateTarget, default_bitrate
from sidecar.sessions.limits import BITRATE_FLOOR


def test_720p_at_30_gets_two_and_a_half_megabits() -> None:
    assert 2_400_000 < default_bitrate(1280, 720, 30) < 2_600_000


def test_a_bitrate_that_was_asked_for_is_not_exceeded() -> None:
    target = BitrateTarget.choose(2_000_000, None, 1_000_000)
    target.estimated("viewer", 9_000_000)
    assert target.value == 2_000_000


def test_a_good_link_raises_the_default_up_to_its_headroom() -> None:
    target = BitrateTarget.choose(None, None, 1_000_000)
    assert target.value == 1_000_000
    target.estimated("viewer", 9_000_000)
    assert 1_000_000 < target.value == target.maximum


def test_the_slowest_viewer_decides_until_it_is_gone() -> None:
    target = BitrateTarget.choose(2_000_000, 4_000_000, 1_000_000)
    target.estimated("fast", 3_000_000)
    target.estimated("slow", 500_000)
    assert target.value == 500_000
    target.forget("slow")
    assert target.value == 3_000_000


def test_an_estimate_of_nothing_leaves_the_floor() -> None:
    target = BitrateTarget.choose(2_000_000, None, 1_000_000)
    target.estimated("viewer", 0)
    assert target.value == BITRATE_FLOOR


def test_a_maximum_below_the_bitrate_lowers_it() -> None:
    assert BitrateTarget.choose(2_000_000, 500_000, 1_000_000).value == 500_000
    target = BitrateTarget.choose(2_000_000, None, 1_000_000)
    target.change(None, 700_000)
    assert (target.value, target.maximum) == (700_000, 700_000)


def test_a_change_of_the_bitrate_counts_at_once_and_lifts_the_maximum() -> None:
    target = BitrateTarget.choose(1_000_000, None, 1_000_000)
    target.estimated("viewer", 600_000)
    target.change(3_000_000, None)
    assert (target.value, target.maximum) == (3_000_000, 3_000_000)
