"""The wall clock passes the end of NTP era 0, is set back, or is wrong by a century."""

from __future__ import annotations

import struct

import pytest

from sidecar.webrtc.rtp.packets import ntp_time
from tests.support.sender_bench import PARAMETERS, Bench
from tests.unit.webrtc.rtp.test_sender import header_extensions

ERA_1 = 2**32 - 2_208_988_800
"""Seconds from 1970 to 2036-02-07 06:28:16 UTC."""

WALLS = {
    "just before era 1": ERA_1 - 0.5,
    "era 1": ERA_1 + 0.5,
    "1970": 0.0,
    "before 1970": -1e6,
    "before 1900": -2_300_000_000.0,
    "2106": 2.0**32,
    "era 2": 2**33 - 2_208_988_800 + 1.0,
}


@pytest.mark.parametrize("name", WALLS)
def test_reports_and_extensions_are_written_whatever_the_wall_clock_says(name: str) -> None:
    bench = Bench(epoch=WALLS[name] - 1000.0)
    bench.push(b"a")
    bench.session.send_report()
    report = bench.sender_report()
    now = int((WALLS[name] + 2_208_988_800) * 2**32) % 2**64
    assert (report.sender_info.ntp_timestamp - now) % 2**64 < 2**32
    (captured,) = struct.unpack("!Q", header_extensions(bench.wire.rtp[-1])[4][:8])
    assert (now - captured) % 2**64 < 2**32


def test_time_goes_on_evenly_where_era_1_begins() -> None:
    stamps = [ntp_time(wall=lambda at=at: ERA_1 + at) for at in (-1.0, 0.0, 1.0)]  # type: ignore[misc]
    assert stamps == [0xFFFFFFFF << 32, 0, 1 << 32]
    assert ntp_time(age=1.0, wall=lambda: ERA_1) == 0xFFFFFFFF << 32


def test_the_round_trip_is_right_across_the_eras() -> None:
    bench = Bench(epoch=ERA_1 - 1000.0 - 0.01)
    bench.push(b"a")
    bench.session.send_report()
    bench.now += 0.25
    bench.echo_report(delay=0.2)
    assert bench.session.stats().round_trip_time_ms == pytest.approx(50, abs=1)


def test_a_picture_of_era_0_that_leaves_in_era_1_is_as_old_as_it_is() -> None:
    bench = Bench(epoch=ERA_1 - 1000.1)
    unit = bench.unit(b"a", b"b")
    bench.now += 0.25
    bench.session.push(unit)
    bench.session.send_report()
    report = bench.sender_report()
    (captured,) = struct.unpack("!Q", header_extensions(bench.wire.rtp[0])[4][:8])
    assert captured >> 63 == 1
    assert report.sender_info.ntp_timestamp >> 63 == 0
    assert (report.sender_info.ntp_timestamp - captured) % 2**64 / 2**32 == pytest.approx(0.25, abs=0.001)


def test_the_time_of_sending_goes_on_where_era_1_begins() -> None:
    bench = Bench(epoch=ERA_1 - 1000.0 - 0.05)
    bench.push(b"a")
    bench.now += 0.1
    bench.push(b"b")
    first, second = (int.from_bytes(header_extensions(each)[2], "big") for each in bench.wire.rtp)
    assert ((second - first) & 0xFFFFFF) / 2**18 == pytest.approx(0.1, abs=0.001)


def test_a_wall_clock_that_is_set_back_changes_no_round_trip_and_no_rtp_time() -> None:
    bench = Bench(epoch=1_000_000.0)
    bench.push(b"a")
    bench.session.send_report()
    bench.now += 0.05
    assert bench.epoch is not None
    bench.epoch -= 3600
    bench.echo_report()
    assert bench.session.stats().round_trip_time_ms == pytest.approx(50, abs=1)
    bench.push(b"b")
    first, second = (each.timestamp for each in bench.wire.packets() if each.ssrc == PARAMETERS.ssrc)
    assert (second - first) & 0xFFFFFFFF == pytest.approx(0.05 * 90_000, abs=2)
