"""RTCP that the sender sends, as another implementation reads it."""

from __future__ import annotations

import struct

import pytest

from sidecar.webrtc.rtp.packets import ntp_time
from tests.support.sender_bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_report_maps_the_wall_clock_to_the_stream_s(bench: Bench) -> None:
    bench.push(b"abc", b"de")
    bench.now += 0.5
    bench.session.send_report()
    info = bench.sender_report().sender_info
    assert (info.packet_count, info.octet_count) == (2, 5)
    since = (info.rtp_timestamp - bench.wire.packets()[0].timestamp) & 0xFFFFFFFF
    assert since == pytest.approx(45_000, abs=2)
    assert abs(info.ntp_timestamp - ntp_time()) < 10 << 32


def test_there_is_no_report_before_a_picture(bench: Bench) -> None:
    bench.session.send_report()
    assert bench.wire.rtcp == []


def test_an_echoed_report_gives_the_round_trip_time(bench: Bench) -> None:
    bench.push(b"a")
    bench.session.send_report()
    bench.now += 0.25
    bench.echo_report(delay=0.2)
    assert bench.session.stats().round_trip_time_ms == pytest.approx(50, abs=1)


def test_an_unknown_report_that_is_echoed_changes_nothing(bench: Bench) -> None:
    bench.connected(round_trip_time=0.05)
    bench.report(last_report=12345)
    assert bench.session.stats().round_trip_time_ms == pytest.approx(50, abs=1)


def test_a_viewer_s_reference_time_is_echoed_at_once(bench: Bench) -> None:
    bench.session.receive(struct.pack("!BBHIBBHQ", 0x80, 207, 4, 7, 4, 0, 2, 0x1111222233334444))
    assert bench.wire.rtcp == [bytes.fromhex("80cf0005 01020304 05000003 00000007 22223333 00000000")]
