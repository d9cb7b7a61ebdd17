"""A collapse is detected from missing packets."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from sidecar.congestion.collapse import MISSING, CollapseDetector
from sidecar.congestion.reports import MissingPackets


def losses(share: float, packets: int, seed: int = 1) -> list[int]:
    noise = random.Random(seed)
    return [number for number in range(packets) if noise.random() < share]


def on_missing(detector: CollapseDetector, numbers: Sequence[int], newest_sent_at: float | None = None) -> float | None:
    return detector.on_missing(MissingPackets(numbers, 0, newest_sent_at))


def test_a_few_lost_packets_are_no_collapse() -> None:
    detector = CollapseDetector()
    assert all(on_missing(detector, [number]) is None for number in losses(0.05, 20_000))


def test_most_packets_lost_is_one_after_a_few_packets() -> None:
    detector = CollapseDetector()
    found = [on_missing(detector, [number]) for number in losses(0.8, 40)]
    first = next(number for number, share in enumerate(found) if share is not None)
    assert first == MISSING - 1
    assert found[first] == pytest.approx(0.8, abs=0.15)


def test_the_same_packet_missed_again_counts_once() -> None:
    detector = CollapseDetector()
    assert all(on_missing(detector, [5, 6, 7]) is None for _ in range(20))


def test_what_was_sent_before_the_last_one_was_dealt_with_does_not_count() -> None:
    detector = CollapseDetector()
    assert on_missing(detector, range(100, 130)) is not None
    detector.start_from(200)
    assert on_missing(detector, range(130, 200)) is None
    assert on_missing(detector, range(200, 230)) is not None
    assert detector.newest == 229


def test_one_missed_list_says_it_all() -> None:
    assert on_missing(CollapseDetector(), range(0, 60, 2)) == pytest.approx(0.5, abs=0.05)


def test_it_remembers_when_the_newest_missing_packet_was_sent() -> None:
    detector = CollapseDetector()
    on_missing(detector, [5, 9], newest_sent_at=1.5)
    on_missing(detector, [5], newest_sent_at=1.0)
    assert (detector.newest, detector.newest_sent_at) == (9, 1.5)
    on_missing(detector, [5, 9], newest_sent_at=None)
    assert detector.newest_sent_at is None, "the sender does not remember the packet any more"
