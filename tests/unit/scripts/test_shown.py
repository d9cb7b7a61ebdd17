"""benchmark/shown.py: freezes, rates and latencies of the pictures shown."""

from __future__ import annotations

from math import isnan

from benchmark.receiver import Picture
from benchmark.shown import Shown


def pictures(*times: float, latency: float | None = 20.0) -> list[Picture]:
    return [Picture(at, latency, (640, 360)) for at in times]


def test_the_longest_gap_counts_from_the_beginning_to_the_end() -> None:
    assert Shown(pictures(1.0, 1.1, 1.2), since=0.0, until=1.3).longest_gap == 1.0
    assert Shown(pictures(0.1, 0.2, 0.5), since=0.0, until=3.0).longest_gap == 2.5
    assert Shown([], since=0.0, until=3.0).longest_gap == 3.0


def test_only_the_pictures_of_the_time_count() -> None:
    shown = Shown(pictures(*(number / 10 for number in range(100)))).between(2.0, 4.0)
    assert shown.fps == 10.5
    assert shown.longest_gap < 0.11


def test_it_has_settled_when_the_last_late_picture_has_come() -> None:
    late = pictures(0.5, 0.7, latency=600.0)
    assert Shown(sorted(late + pictures(0.2, 0.9, 1.0), key=lambda p: p.at), since=0.0, until=1.1).settled_after == 0.7


def test_it_has_settled_when_the_last_gap_is_over() -> None:
    assert Shown(pictures(0.1, 0.2, 1.5, 1.6), since=0.0, until=1.7).settled_after == 1.5


def test_a_picture_that_stands_in_the_end_has_not_settled() -> None:
    assert Shown(pictures(0.1, 0.2), since=0.0, until=5.0).settled_after == 5.0


def test_latencies_are_those_that_could_be_read() -> None:
    shown = Shown(pictures(0.1, 0.2, latency=None) + pictures(0.3, latency=40.0), since=0.0, until=1.0)
    assert shown.latency(95) == 40.0
    assert isnan(Shown([], since=0.0, until=1.0).latency(50))
