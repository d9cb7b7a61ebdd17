"""What is missed at once, and what that says."""

from __future__ import annotations

import random

import pytest

from sidecar.webrtc.rtp.collapse import MISSING, CollapseDetector


def losses(share: float, packets: int, seed: int = 1) -> list[int]:
    noise = random.Random(seed)
    return [number for number in range(packets) if noise.random() < share]


def test_a_few_lost_packets_are_no_collapse() -> None:
    detector = CollapseDetector()
    assert all(detector.on_missing([number]) is None for number in losses(0.05, 20_000))


def test_most_packets_lost_is_one_after_a_few_packets() -> None:
    detector = CollapseDetector()
    found = [detector.on_missing([number]) for number in losses(0.8, 40)]
    first = next(number for number, share in enumerate(found) if share is not None)
    assert first == MISSING - 1
    assert found[first] == pytest.approx(0.8, abs=0.15)


def test_the_same_packet_missed_again_counts_once() -> None:
    detector = CollapseDetector()
    assert all(detector.on_missing([5, 6, 7]) is None for _ in range(20))


def test_what_was_sent_before_the_last_one_was_dealt_with_does_not_count() -> None:
    detector = CollapseDetector()
    assert detector.on_missing(range(100, 130)) is not None
    detector.start_from(200)
    assert detector.on_missing(range(130, 200)) is None
    assert detector.on_missing(range(200, 230)) is not None
    assert detector.newest == 229


def test_one_missed_list_says_it_all() -> None:
    assert CollapseDetector().on_missing(range(0, 60, 2)) == pytest.approx(0.5, abs=0.05)
