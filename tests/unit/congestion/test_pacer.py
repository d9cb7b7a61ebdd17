"""When packets may leave."""

from __future__ import annotations

import pytest

from sidecar.congestion.pacer import BURST, PACING_FACTOR, Pacer

BITRATE = 1_000_000
PACKET = 1_250  # bytes: 4 ms at the pacing rate


def leave(pacer: Pacer, packets: int, since: float) -> float:
    """When the last of so many packets has left, each as soon as it may."""
    now = since
    for _ in range(packets):
        now += pacer.delay(now)
        pacer.on_sent(PACKET, now)
    return now


def test_without_a_bitrate_nothing_is_held_up() -> None:
    assert leave(Pacer(), 1000, since=1.0) == 1.0


def test_an_ordinary_frame_leaves_at_once() -> None:
    pacer = Pacer()
    pacer.rate = PACING_FACTOR * BITRATE
    frame = BITRATE / 30 / 8
    assert leave(pacer, int(frame / PACKET) + 1, since=1.0) == 1.0


def test_a_keyframe_takes_as_long_as_the_pacing_rate_says() -> None:
    pacer = Pacer()
    pacer.rate = PACING_FACTOR * BITRATE
    taken = leave(pacer, 100, since=1.0) - 1.0
    assert taken == pytest.approx(100 * pacer.seconds(PACKET) - BURST, abs=1.1 * pacer.seconds(PACKET))
    assert pacer.seconds(PACKET) == pytest.approx(8 * PACKET / (PACING_FACTOR * BITRATE))


def test_a_pause_saves_up_no_more_than_a_burst() -> None:
    pacer = Pacer()
    pacer.rate = PACING_FACTOR * BITRATE
    leave(pacer, 10, since=1.0)
    late = leave(pacer, 100, since=60.0) - 60.0
    assert late == pytest.approx(100 * pacer.seconds(PACKET) - BURST, abs=1.1 * pacer.seconds(PACKET))


def test_frames_at_the_bitrate_never_fall_behind() -> None:
    pacer = Pacer()
    pacer.rate = PACING_FACTOR * BITRATE
    packets = int(BITRATE / 30 / 8 / PACKET)
    for number in range(300):
        at = 1.0 + number / 30
        assert leave(pacer, packets, since=at) == at
