"""Paced packets, and their fate on thin links."""

from __future__ import annotations

import struct
from dataclasses import replace
from itertools import pairwise

import pytest

from sidecar.webrtc.rtp.send_queue import MAX_WAITING
from tests.support.sender_bench import PARAMETERS, Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


BITRATE = 1_000_000
LARGE = [b"x" * 1200] * 50
"""Half a second at the bitrate, and a fifth of one at the pacing rate."""


@pytest.fixture
def paced(bench: Bench) -> Bench:
    bench.target_bitrate = BITRATE
    return bench


def test_a_keyframe_leaves_bit_by_bit_and_in_order(paced: Bench) -> None:
    paced.push(*LARGE)
    assert 0 < len(paced.wire.rtp) < 10
    paced.turn(0.1)
    assert 20 < len(paced.wire.rtp) < 40
    paced.turn(0.2)
    packets = paced.wire.packets()
    assert [packet.sequence_number for packet in packets] == [
        (packets[0].sequence_number + index) & 0xFFFF for index in range(len(LARGE))
    ]
    assert [packet.marker for packet in packets] == [0] * (len(LARGE) - 1) + [1]
    assert paced.counters.frames_sent == 1


def test_a_viewer_on_this_machine_gets_all_of_it_at_once(paced: Bench) -> None:
    paced.wire.is_local = True
    paced.push(*LARGE)
    assert len(paced.wire.rtp) == len(LARGE)
    assert paced.timers == []


def test_the_next_frame_waits_behind_the_keyframe(paced: Bench) -> None:
    paced.push(*LARGE)
    paced.turn(0.033)
    paced.push(b"next", keyframe=False)
    assert all(packet.payload != b"next" for packet in paced.wire.packets())
    paced.turn(0.3)
    assert paced.wire.packets()[-1].payload == b"next"


def test_the_time_of_sending_in_a_packet_is_when_it_left(paced: Bench) -> None:
    paced.epoch = 0.0
    paced.push(*LARGE)
    paced.turn(0.3)
    first, last = (packet.extensions.abs_send_time for packet in (paced.wire.packets()[0], paced.wire.packets()[-1]))
    assert first is not None and last is not None
    assert (last - first) / 2**18 > 0.15


def test_a_lost_packet_leaves_before_what_waits(paced: Bench) -> None:
    paced.push(*LARGE)
    paced.turn(0.02)
    sent = len(paced.wire.rtp)
    paced.miss([paced.wire.packets()[0].sequence_number])
    paced.turn(0.02)
    assert paced.wire.packets()[sent].ssrc == PARAMETERS.rtx_ssrc


def test_what_would_wait_too_long_is_left_out_up_to_the_next_keyframe(paced: Bench) -> None:
    for number in range(4):
        paced.push(*LARGE, keyframe=number == 0)
    assert paced.reasons[-1] == "the network does not keep up"
    assert paced.counters.frames_dropped >= 2
    paced.push(b"left out", keyframe=False)
    paced.turn(0.02)
    paced.push(b"keyframe")
    paced.turn(1)
    packets = paced.wire.packets()
    assert packets[-1].payload == b"keyframe"
    assert all(packet.payload != b"left out" for packet in packets)
    numbers = [(packet.sequence_number - packets[0].sequence_number) & 0xFFFF for packet in packets]
    assert numbers == list(range(len(packets))), "what never left leaves no gap"


def test_what_waits_is_bounded_in_time(paced: Bench) -> None:
    for number in range(100):
        pushed_at = struct.pack("!d", paced.now)
        paced.push(*(pushed_at + payload for payload in LARGE), keyframe=number % 3 == 0)
        paced.turn(0.005)
    paced.turn(1.0)
    waits = [
        sent_at - struct.unpack_from("!d", packet.payload)[0]
        for packet, sent_at in zip(paced.wire.packets(), paced.wire.sent_at, strict=True)
    ]
    assert 0.1 < max(waits) <= MAX_WAITING + 8 * sum(len(payload) + 8 for payload in LARGE) / (2.5 * BITRATE)


def collapse(bench: Bench) -> None:
    """Let the viewer miss most of a keyframe, 0.2 s later than a round trip takes."""
    bench.connected(round_trip_time=0.02)
    first = len(bench.wire.rtp)
    bench.push(*LARGE)
    bench.turn(0.21)
    bench.push(*LARGE, keyframe=False)
    bench.turn(0.01)
    number = bench.wire.packets()[first].sequence_number
    bench.miss(range(number + 10, number + 50))


def test_after_a_collapse_the_queue_drains_and_a_keyframe_is_requested(paced: Bench) -> None:
    collapse(paced)
    asked, sent = len(paced.reasons), len(paced.wire.rtp)
    assert len(paced.capacities) == 1
    paced.turn(0.15)
    paced.push(b"too soon")
    assert (len(paced.reasons), len(paced.wire.rtp)) == (asked, sent)
    paced.turn(0.02)
    assert paced.reasons[asked:] == ["most packets were lost"]
    paced.push(b"no keyframe", keyframe=False)
    paced.push(b"keyframe")
    assert [packet.payload for packet in paced.wire.packets()[sent:]] == [b"keyframe"]


def test_after_a_collapse_nothing_is_retransmitted(paced: Bench) -> None:
    collapse(paced)
    paced.miss(packet.sequence_number for packet in paced.wire.packets()[-40:])
    assert paced.counters.retransmitted_packets_sent == 0


def test_missing_packets_that_were_never_sent_are_no_collapse(paced: Bench) -> None:
    paced.connected(round_trip_time=0.02)
    paced.push(b"last", keyframe=False)
    paced.turn(0.25)
    last = paced.wire.packets()[-1].sequence_number
    asked = len(paced.reasons)
    paced.miss(range(last + 5, last + 40))
    assert (len(paced.reasons), paced.capacities, paced.counters.retransmitted_packets_sent) == (asked, [], 0)


def test_a_closed_sender_says_goodbye_and_sends_nothing_more(paced: Bench) -> None:
    paced.push(*LARGE)
    paced.session.close()
    sent = len(paced.wire.rtp)
    paced.turn(1)
    assert len(paced.wire.rtp) == sent
    assert len(paced.wire.rtcp) == 1
    assert all(timer.is_cancelled for timer in paced.timers)


def test_the_clock_of_the_stream_never_goes_back_when_the_encoding_changes(bench: Bench) -> None:
    bench.push(b"full")
    for name in (b"older", b"as old"):
        unit = replace(bench.unit(name), rtp_timestamp=int((bench.now - (name == b"older")) * 90_000) & 0xFFFFFFFF)
        bench.session.push(unit)
    times = [packet.timestamp for packet in bench.wire.packets()]
    assert [(after - before) & 0xFFFFFFFF for before, after in pairwise(times)] == [1, 1]


def test_after_a_disconnection_a_longer_path_is_no_queue(paced: Bench) -> None:
    paced.connected(round_trip_time=0.02)
    paced.session.disconnect()
    first = len(paced.wire.rtp)
    paced.push(*LARGE)
    paced.turn(0.4)
    number = paced.wire.packets()[first].sequence_number
    paced.miss(range(number + 10, number + 20))
    paced.turn(0.1)
    assert paced.capacities == []
    assert paced.counters.retransmitted_packets_sent == 10
