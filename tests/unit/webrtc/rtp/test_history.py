"""Which packets can be retransmitted, for how long, and how many."""

from __future__ import annotations

import pytest

from sidecar.congestion.round_trips import PathDelays
from sidecar.webrtc.rtp.history import (
    MAX_BYTES,
    MAX_HISTORY_SECONDS,
    MAX_PACKETS,
    MIN_FRAMES,
    History,
)
from sidecar.webrtc.rtp.packets import SentFrame

HISTORY_SECONDS = 1.0


def frame(number: int, sent_at: float, payloads: int = 3, size: int = 100) -> SentFrame:
    return SentFrame(number & 0xFFFF, 0, [b"x" * size] * payloads, sent_at, 0)


@pytest.fixture
def path() -> PathDelays:
    return PathDelays()


@pytest.fixture
def history(path: PathDelays) -> History:
    return History(path, HISTORY_SECONDS)


def test_a_packet_is_found_in_its_frame(history: History) -> None:
    history.add(frame(10, 1.0))
    history.add(frame(13, 1.1))
    found = history.find(14, 1.2)
    assert found is not None
    assert (found[0].sequence_number, found[1]) == (13, 1)
    assert history.find(16, 1.2) is None


def test_sequence_numbers_wrap(history: History) -> None:
    history.add(frame(0xFFFF, 1.0))
    found = history.find(1, 1.1)
    assert found is not None
    assert found[1] == 2


def test_it_remembers_by_time_and_not_by_packets(history: History) -> None:
    for number in range(3000):
        history.add(frame(3 * number, number / 3000))
    assert history.find(0, 0.999) is not None
    assert history.find(0, HISTORY_SECONDS + 0.01) is None
    assert history.find(3, HISTORY_SECONDS + 0.01) is None


def test_on_a_long_path_frames_are_remembered_for_some_round_trips(history: History, path: PathDelays) -> None:
    path.round_trip_time = 0.8
    for number in range(2 * MIN_FRAMES):
        history.add(frame(3 * number, 1.0))
    assert history.find(0, 3.3) is not None
    path.round_trip_time = 100.0
    assert history.find(1, 1.0 + MAX_HISTORY_SECONDS) is not None
    assert history.find(2, 1.1 + MAX_HISTORY_SECONDS) is None


def test_where_pictures_are_rare_the_last_few_are_remembered_for_longer(history: History) -> None:
    for number in range(MIN_FRAMES + 1):
        history.add(frame(3 * number, 1.0 + number / 100))
    assert history.find(0, 1.1 + HISTORY_SECONDS) is None
    assert history.find(3, 1.1 + HISTORY_SECONDS) is not None
    assert history.find(3 * MIN_FRAMES, 1.1 + MAX_HISTORY_SECONDS) is None, "a camera that gives one picture in a day"


def test_it_never_holds_more_than_so_many_bytes_and_packets(history: History) -> None:
    for number in range(20):
        history.add(frame(number, 1.0, payloads=1, size=MAX_BYTES // 8))
    assert history.find(11, 1.0) is None
    assert history.find(12, 1.0) is not None
    history.clear()
    for number in range(0, 2 * MAX_PACKETS, 1000):
        history.add(frame(number, 1.0, payloads=1000, size=1))
    assert sum(history.find(number & 0xFFFF, 1.0) is not None for number in range(2 * MAX_PACKETS)) <= MAX_PACKETS


def test_nothing_is_found_after_it_was_given_up(history: History) -> None:
    history.add(frame(0, 1.0))
    history.clear()
    assert history.find(0, 1.0) is None
    assert history.sent_at(0) is None


def test_a_packet_is_found_once_within_a_round_trip_or_the_queueing_delay(history: History, path: PathDelays) -> None:
    history.add(frame(0, 1.0))
    path.round_trip_time, path.queueing_delay = 0.1, 0.3
    assert history.find(0, 1.1) is not None
    assert history.find(0, 1.39) is None
    path.queueing_delay = 0.0
    assert history.find(0, 1.21) is not None


def test_it_tells_when_a_packet_was_sent(history: History) -> None:
    history.add(frame(0, 1.0))
    history.add(frame(3, 1.5))
    assert (history.sent_at(2), history.sent_at(3), history.sent_at(6)) == (1.0, 1.5, None)
