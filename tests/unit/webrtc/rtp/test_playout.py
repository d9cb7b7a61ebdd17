"""Shown at once, or evenly."""

from __future__ import annotations

from sidecar.webrtc.rtp.playout import AT_ONCE, CLEAN_AFTER, MOST, MOST_HELD, Playout


def test_on_a_clean_network_frames_are_shown_at_once() -> None:
    playout = Playout(None)
    playout.on_report(0.0, 0.3, now=1.0)
    assert playout.value(1.0) == AT_ONCE


def test_on_a_long_way_that_loses_packets_frames_wait_for_what_is_sent_again() -> None:
    playout = Playout(None)
    playout.on_report(0.05, 0.1, now=1.0)
    assert playout.value(1.0) == (250, MOST)


def test_they_wait_no_longer_than_somebody_would_bear() -> None:
    playout = Playout(None)
    playout.on_report(0.05, 0.7, now=1.0)
    assert playout.value(1.0) == (MOST_HELD, MOST)


def test_on_a_short_way_what_is_lost_comes_again_in_time() -> None:
    playout = Playout(None)
    playout.on_report(0.05, 0.005, now=1.0)
    assert playout.value(1.0) == AT_ONCE


def test_it_changes_back_only_after_a_while_without_loss() -> None:
    playout = Playout(None)
    playout.on_report(0.05, 0.1, now=1.0)
    playout.on_report(0.05, 0.01, now=5.0)
    playout.on_report(0.0, 0.1, now=6.0)
    assert playout.value(4.9 + CLEAN_AFTER) != AT_ONCE
    assert playout.value(5.0 + CLEAN_AFTER) == AT_ONCE


def test_what_was_asked_for_is_never_changed() -> None:
    playout = Playout((40, 100))
    playout.on_report(0.5, 0.5, now=1.0)
    assert playout.value(1.0) == (40, 100)
    plain = Playout(AT_ONCE)
    plain.on_report(0.5, 0.5, now=1.0)
    assert plain.value(1.0) == AT_ONCE
