"""The playout delay that a receiver is asked for."""

from __future__ import annotations

import pytest

from sidecar.congestion.playout import CLEAN_AFTER, IMMEDIATE, MAX_MINIMUM, MAXIMUM, PlayoutDelay


@pytest.fixture
def playout() -> PlayoutDelay:
    return PlayoutDelay(None)


def test_on_a_clean_path_frames_are_rendered_at_once(playout: PlayoutDelay) -> None:
    assert playout.current == IMMEDIATE
    playout.on_report(0.0, 0.3, now=1.0)
    assert playout.current == IMMEDIATE


def test_on_a_long_lossy_path_frames_wait_for_retransmissions(playout: PlayoutDelay) -> None:
    playout.on_report(0.05, 0.1, now=1.0)
    assert playout.current == (250, MAXIMUM)


def test_the_delay_is_bounded(playout: PlayoutDelay) -> None:
    playout.on_report(0.05, 0.7, now=1.0)
    assert playout.current == (MAX_MINIMUM, MAXIMUM)


def test_on_a_short_lossy_path_retransmissions_arrive_in_time(playout: PlayoutDelay) -> None:
    playout.on_report(0.05, 0.005, now=1.0)
    assert playout.current == IMMEDIATE


def test_the_delay_ends_only_after_a_while_without_loss(playout: PlayoutDelay) -> None:
    playout.on_report(0.05, 0.1, now=1.0)
    playout.on_report(0.05, 0.01, now=5.0)
    playout.on_report(0.0, 0.1, now=6.0)
    playout.on_report(0.0, 0.1, now=4.9 + CLEAN_AFTER)
    assert playout.current != IMMEDIATE
    playout.on_report(0.0, 0.1, now=5.0 + CLEAN_AFTER)
    assert playout.current == IMMEDIATE


@pytest.mark.parametrize("fixed", [(40, 100), IMMEDIATE])
def test_a_delay_that_a_client_has_set_never_changes(fixed: tuple[int, int]) -> None:
    playout = PlayoutDelay(fixed)
    playout.on_report(0.5, 0.5, now=1.0)
    assert playout.current == fixed
