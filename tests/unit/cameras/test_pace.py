"""Deadlines without drift."""

from __future__ import annotations

import threading
import time

import pytest

from sidecar.cameras.pace import Pace


class Clock:
    """A clock that only sleeping and working advance."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "sleep", self.work)

    def work(self, seconds: float) -> None:
        self.now += seconds


def test_deadlines_count_from_each_other_and_not_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    pace = Pace(threading.Event())
    times = []
    for _ in range(5):
        pace.wait(0.1)
        times.append(round(clock.now, 6))
        clock.work(0.03)
    assert times == [100.0, 100.1, 100.2, 100.3, 100.4]


def test_a_stall_is_not_followed_by_a_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    pace = Pace(threading.Event())
    pace.wait(0.1)
    clock.work(1.0)
    times = []
    for _ in range(3):
        pace.wait(0.1)
        times.append(round(clock.now, 6))
    assert times == [101.0, 101.1, 101.2]


def test_a_little_lateness_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    pace = Pace(threading.Event())
    pace.wait(0.1)
    clock.work(0.15)
    pace.wait(0.1)
    pace.wait(0.1)
    assert round(clock.now, 6) == 100.2


def test_closing_ends_a_long_wait() -> None:
    closing = threading.Event()
    pace = Pace(closing)
    pace.wait(1000)
    waiter = threading.Thread(target=pace.wait, args=(1000,))
    waiter.start()
    closing.set()
    waiter.join(10)
    assert not waiter.is_alive()
