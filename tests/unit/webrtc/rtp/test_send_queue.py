"""The order and the pace in which packets leave the queue."""

from __future__ import annotations

import time

import pytest

from sidecar.congestion.controller import CongestionController
from sidecar.contract.types import OutboundStats
from sidecar.media.access_unit import AccessUnit
from sidecar.webrtc.rtp.history import History
from sidecar.webrtc.rtp.packets import SentFrame
from sidecar.webrtc.rtp.rtp_stream import RtpStream
from sidecar.webrtc.rtp.send_queue import MAX_RETRANSMISSIONS, SendQueue
from tests.support.access_units import unit_of_payloads
from tests.support.sender_bench import PARAMETERS

RATE = 1_000_000
PACKET = b"x" * 1200
"""Takes 10 ms at the rate, with its header."""


class Bench:
    """A queue and the access units that have left it."""

    def __init__(self) -> None:
        controller = CongestionController(10.0)
        self.stream = RtpStream(PARAMETERS, History(controller.path, 1.0), OutboundStats(), time.time)
        self.sent: list[tuple[AccessUnit, int]] = []
        self.queue = SendQueue(self.stream, controller, lambda unit, timestamp: self.sent.append((unit, timestamp)))

    def add(self, *payloads: bytes, timestamp: int = 0) -> AccessUnit:
        unit = unit_of_payloads(*payloads)
        self.queue.add(unit, payloads, timestamp)
        return unit

    def leaving(self, now: float) -> list[bytes]:
        """The last three bytes of the packets that leave at `now`."""
        return [packet[-3:] for packet in self.queue.leaving(now)]

    def found(self, packet: bytes) -> tuple[SentFrame, int]:
        """The frame and the index of a packet that has left."""
        found = self.stream.history.find(sequence_number(packet), 10.0)
        assert found is not None
        return found


def sequence_number(packet: bytes) -> int:
    return int.from_bytes(packet[2:4], "big")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_without_a_rate_everything_leaves_at_once(bench: Bench) -> None:
    units = [bench.add(PACKET, PACKET, timestamp=1), bench.add(PACKET, timestamp=2)]
    assert len(bench.leaving(10.0)) == 3
    assert bench.sent == [(units[0], 1), (units[1], 2)]
    assert not bench.queue


def test_packets_leave_at_the_rate(bench: Bench) -> None:
    bench.queue.set_rate(RATE)
    bench.add(*[PACKET] * 20)
    assert bench.queue.seconds == pytest.approx(20 * 8 * len(PACKET) / RATE)
    at_once = len(bench.leaving(10.0))
    assert 1 <= at_once <= 4
    assert 0 < bench.queue.delay(10.0) < 0.011
    later = sum(len(bench.leaving(10.0 + milliseconds / 1000)) for milliseconds in range(1, 101))
    assert 9 <= later <= 11
    assert bench.queue.has_frames
    assert bench.sent == []


def test_retransmissions_leave_first(bench: Bench) -> None:
    bench.add(b"old")
    (packet,) = bench.queue.leaving(10.0)
    bench.add(b"new")
    bench.queue.add_retransmissions([bench.found(packet)])
    assert bench.leaving(10.0) == [b"old", b"new"]
    assert bench.stream.counters.retransmitted_packets_sent == 1


def test_what_is_discarded_never_leaves_and_uses_no_sequence_number(bench: Bench) -> None:
    bench.add(b"one")
    (before,) = bench.queue.leaving(10.0)
    bench.add(b"two")
    bench.add(b"too")
    assert bench.queue.clear() == 2
    assert not bench.queue
    assert bench.queue.seconds == 0.0
    bench.add(b"new")
    (after,) = bench.queue.leaving(10.0)
    assert sequence_number(after) == sequence_number(before) + 1


def test_waiting_retransmissions_use_up_the_room(bench: Bench) -> None:
    bench.add(b"old")
    (packet,) = bench.queue.leaving(10.0)
    bench.queue.add_retransmissions([bench.found(packet)] * 6)
    assert bench.queue.room == MAX_RETRANSMISSIONS - 6
    assert bench.queue.has_retransmissions
