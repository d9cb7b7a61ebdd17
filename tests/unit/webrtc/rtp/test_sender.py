"""Packets, byte by byte, as another implementation reads them."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from aiortc.rtp import unpack_header_extensions, unwrap_rtx

from sidecar.webrtc.rtp.history import MAX_HISTORY_SECONDS
from sidecar.webrtc.rtp.keyframe_gate import PATIENCE
from sidecar.webrtc.rtp.packets import ntp_time
from sidecar.webrtc.rtp.send_queue import MAX_RETRANSMISSIONS
from sidecar.webrtc.sdp import CodecParameters, ExtensionIds
from tests.support.sender_bench import PARAMETERS, Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_unit_becomes_packets_in_order_with_a_marker_on_the_last(bench: Bench) -> None:
    bench.push(b"one", b"two", b"three")
    packets = bench.wire.packets()
    assert [packet.payload for packet in packets] == [b"one", b"two", b"three"]
    assert [packet.marker for packet in packets] == [0, 0, 1]
    assert len({packet.timestamp for packet in packets}) == 1
    assert {packet.ssrc for packet in packets} == {PARAMETERS.ssrc}
    assert {packet.payload_type for packet in packets} == {102}
    first = packets[0].sequence_number
    assert [packet.sequence_number for packet in packets] == [first, first + 1, first + 2]


def test_units_go_on_where_the_last_one_ended(bench: Bench) -> None:
    bench.push(b"a", b"b")
    bench.now += 1 / 30
    bench.push(b"c", keyframe=False)
    packets = bench.wire.packets()
    assert packets[2].sequence_number == packets[1].sequence_number + 1
    assert (packets[2].timestamp - packets[1].timestamp) & 0xFFFFFFFF == pytest.approx(3000, abs=1)


def test_sequence_numbers_wrap(bench: Bench) -> None:
    bench.push(b"x")
    (first,) = bench.wire.packets()
    bench.push(*[b"x"] * (0xFFFE - first.sequence_number))
    bench.wire.rtp.clear()
    bench.wire.sent_at.clear()
    bench.push(b"a", b"b")
    assert [packet.sequence_number for packet in bench.wire.packets()] == [0xFFFF, 0]
    bench.miss([0])
    assert bench.wire.rtp[-1].endswith(b"b")


def test_the_header_extensions_are_those_that_were_negotiated(bench: Bench) -> None:
    bench.push(b"a")
    (packet,) = bench.wire.packets()
    assert packet.extensions.mid == "0"
    sent = packet.extensions.abs_send_time
    assert sent is not None
    assert ((ntp_time() >> 14) - sent) & 0xFFFFFF < 10 << 18


def header_extensions(packet: bytes) -> dict[int, bytes]:
    """The elements of a packet's header extension, by their ids (RFC 8285, 4.2)."""
    length = int.from_bytes(packet[14:16], "big") * 4
    return dict(unpack_header_extensions(int.from_bytes(packet[12:14], "big"), packet[16 : 16 + length]))


def test_the_playout_delay_is_in_steps_of_ten_milliseconds() -> None:
    bench = Bench(replace(PARAMETERS, playout_delay=(40, 1230)))
    bench.push(b"a")
    assert int.from_bytes(header_extensions(bench.wire.rtp[0])[3], "big") == 4 << 12 | 123


def test_loss_on_a_long_path_asks_the_receiver_to_delay_frames() -> None:
    bench = Bench(replace(PARAMETERS, playout_delay=None))
    bench.connected(round_trip_time=0.1)
    bench.report(highest=40, fraction_lost=0.05)
    bench.push(b"a")
    before, after = (header_extensions(bench.wire.rtp[number])[3] for number in (0, -1))
    assert (int.from_bytes(before, "big"), int.from_bytes(after, "big")) == (0, 25 << 12 | 200)


def test_a_frame_s_first_packet_says_when_it_was_captured(bench: Bench) -> None:
    unit = bench.unit(b"a", b"b")
    bench.now += 0.25
    bench.session.push(unit)
    captured, offset = struct.unpack("!Qq", header_extensions(bench.wire.rtp[0])[4])
    assert (ntp_time(0.25) - captured) / 2**32 == pytest.approx(0, abs=5)  # seconds; the test may be held up
    assert offset == 0
    assert 4 not in header_extensions(bench.wire.rtp[1])


def test_the_newest_frame_ties_the_stream_s_clock_to_the_capture(bench: Bench) -> None:
    assert bench.session.sender.frames.newest is None
    unit = bench.unit(b"a")
    bench.now += 0.25
    bench.session.push(unit)
    assert bench.session.sender.frames.newest == (bench.wire.packets()[0].timestamp, unit.captured_at)


def test_the_capture_time_may_be_the_only_extension() -> None:
    bench = Bench(replace(PARAMETERS, extensions=ExtensionIds(None, None, None, 4, None)))
    bench.push(b"a", b"b")
    assert [bool(packet[0] & 0x10) for packet in bench.wire.rtp] == [True, False]
    assert [packet.payload for packet in bench.wire.packets()] == [b"a", b"b"]


def test_a_first_packet_that_is_sent_again_says_the_same_capture_time(bench: Bench) -> None:
    bench.push(b"a", b"b")
    first = bench.wire.packets()[0].sequence_number
    bench.now += 0.5
    bench.miss([first, first + 1])
    sent, _, again, second_again = map(header_extensions, bench.wire.rtp)
    assert again[4] == sent[4]
    assert 4 not in second_again


def test_without_extensions_there_is_no_extension_block() -> None:
    bench = Bench(replace(PARAMETERS, extensions=ExtensionIds(None, None, None, None, None)))
    bench.push(b"a")
    assert len(bench.wire.rtp[0]) == 12 + 1
    assert bench.wire.packets()[0].payload == b"a"


def test_a_mid_that_does_not_fit_is_left_out() -> None:
    bench = Bench(replace(PARAMETERS, mid="m" * 17))
    bench.push(b"a")
    assert bench.wire.packets()[0].extensions.mid is None


def test_nothing_goes_out_before_a_keyframe(bench: Bench) -> None:
    bench.push(b"a", keyframe=False)
    assert bench.wire.rtp == []
    assert bench.reasons == ["new viewer"]
    assert bench.counters.frames_dropped == 0


def test_a_keyframe_that_does_not_come_is_asked_for_again(bench: Bench) -> None:
    bench.now += PATIENCE
    for _ in range(3):
        bench.push(b"a", keyframe=False)
    assert bench.reasons == ["new viewer", "no keyframe arrived"]


def test_after_an_interruption_it_goes_on_with_a_keyframe_and_sends_nothing_of_before(bench: Bench) -> None:
    bench.push(b"a")
    (before,) = bench.wire.packets()
    bench.session.disconnect()
    bench.push(b"b", keyframe=False)
    bench.miss([before.sequence_number])
    assert len(bench.wire.rtp) == 1
    bench.push(b"c")
    assert bench.wire.packets()[-1].sequence_number == before.sequence_number + 1


def test_a_full_network_drops_to_the_next_keyframe(bench: Bench) -> None:
    bench.push(b"a")
    number = bench.wire.packets()[-1].sequence_number
    bench.wire.is_full = True
    bench.push(b"b", keyframe=False)
    bench.wire.is_full = False
    bench.push(b"c", keyframe=False)
    bench.push(b"d")
    packets = bench.wire.packets()
    assert [packet.payload for packet in packets] == [b"a", b"d"]
    assert packets[-1].sequence_number == number + 1
    assert bench.counters.frames_dropped == 2
    assert bench.reasons == ["new viewer", "the network does not keep up"]


def test_a_lost_packet_goes_out_again_as_rtx(bench: Bench) -> None:
    bench.push(b"a", b"b", b"c")
    lost = bench.wire.packets()[1]
    bench.miss([lost.sequence_number])
    rtx = bench.wire.packets()[-1]
    assert (rtx.ssrc, rtx.payload_type) == (PARAMETERS.rtx_ssrc, 103)
    again = unwrap_rtx(rtx, payload_type=102, ssrc=PARAMETERS.ssrc)
    assert (again.sequence_number, again.timestamp, again.marker) == (lost.sequence_number, lost.timestamp, 0)
    assert again.payload == b"b"
    assert bench.counters.retransmitted_packets_sent == 1


def test_without_rtx_the_same_packet_goes_out_again() -> None:
    bench = Bench(
        replace(
            PARAMETERS, codec=CodecParameters(rtx_payload_type=None), extensions=ExtensionIds(1, None, None, None, None)
        )
    )
    bench.push(b"a", b"b")
    bench.miss([bench.wire.packets()[1].sequence_number])
    assert bench.wire.rtp[2] == bench.wire.rtp[1]


def test_the_same_request_within_a_round_trip_is_answered_once(bench: Bench) -> None:
    bench.connected(round_trip_time=0.1)
    bench.push(b"a")
    number = bench.wire.packets()[-1].sequence_number
    for _ in range(3):
        bench.miss([number, number])
    assert bench.counters.retransmitted_packets_sent == 1
    bench.now += 0.1
    bench.miss([number])
    assert bench.counters.retransmitted_packets_sent == 2


def test_what_is_too_old_is_forgotten(bench: Bench) -> None:
    bench.push(b"a")
    number = bench.wire.packets()[0].sequence_number
    bench.now += MAX_HISTORY_SECONDS + 0.01
    bench.miss([number, number + 1])
    assert bench.counters.retransmitted_packets_sent == 0


def test_one_request_is_bounded(bench: Bench) -> None:
    bench.push(*[b"x"] * 1000)
    first = bench.wire.packets()[0].sequence_number
    bench.miss((first + i) & 0xFFFF for i in range(1000))
    assert bench.counters.retransmitted_packets_sent == MAX_RETRANSMISSIONS
