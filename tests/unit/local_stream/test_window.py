from __future__ import annotations

import pytest

from sidecar.local_stream.policy import LocalStreamPolicy
from sidecar.local_stream.window import Window

POLICY = LocalStreamPolicy()


def test_a_viewer_that_acknowledges_each_picture_keeps_up() -> None:
    window = Window()
    for sequence in range(1000):
        window.sent(sequence, sequence / 30)
        assert not window.is_full(sequence / 30)
        window.received(sequence, sequence / 30 + 0.02)
    assert window.round_trip_time == pytest.approx(0.02)


def test_an_old_unacknowledged_picture_fills_the_window() -> None:
    window = Window()
    window.sent(0, 10.0)
    window.sent(1, 10.4)
    assert not window.is_full(10.0 + POLICY.max_age)
    assert window.is_full(10.0 + POLICY.max_age + 0.01)
    window.received(0, 10.6)
    assert not window.is_full(10.6)


def test_too_many_unacknowledged_pictures_fill_the_window() -> None:
    window = Window()
    for sequence in range(POLICY.max_unacknowledged):
        assert not window.is_full(0.0)
        window.sent(sequence, 0.0)
    assert window.is_full(0.0)


def test_an_acknowledgement_counts_for_all_pictures_before_it_also_across_the_wrap() -> None:
    window = Window()
    for sequence in (2**32 - 2, 2**32 - 1, 0, 1):
        window.sent(sequence, 0.0)
    window.received(0, 1.0)
    assert window.age(1.0) == 1.0
    window.received(1, 1.0)
    assert window.age(1.0) == 0.0


def test_a_repeated_acknowledgement_changes_nothing() -> None:
    window = Window()
    window.sent(5, 0.0)
    window.received(4, 1.0)
    assert window.age(1.0) == 1.0
    assert window.round_trip_time is None
