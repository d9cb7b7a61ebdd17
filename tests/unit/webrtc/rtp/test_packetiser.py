"""RTP payloads, cut once for all viewers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sidecar.media.h264 import H264
from sidecar.media.h264.codec import H264Codec
from sidecar.webrtc.rtp.packetiser import MAX_PAYLOAD, Packetiser
from sidecar.webrtc.rtp.rtp_session import RtpSession
from tests.support.access_units import encoded_pictures
from tests.support.sender_bench import PARAMETERS, Wire


class CountingCodec(H264Codec):
    """H.264 that counts how often an access unit is cut."""

    def __init__(self) -> None:
        self.cuts = 0

    def packetise(self, nal_units: Sequence[bytes], max_payload: int) -> tuple[bytes, ...]:
        self.cuts += 1
        return super().packetise(nal_units, max_payload)


class NoStream:
    """StreamRequests of viewers without requests."""

    subscription = None

    def request_keyframe(self, reason: str) -> None:
        raise AssertionError(reason)

    def report_capacity(self, bps: int) -> None:
        raise AssertionError(bps)


def test_a_picture_is_cut_once_however_many_viewers_send_it() -> None:
    codec, packetiser = CountingCodec(), Packetiser()
    wires = [Wire() for _ in range(10)]
    for wire in wires:
        wire.is_local = True
    sessions = [RtpSession(PARAMETERS, wire, NoStream(), packetiser=packetiser) for wire in wires]
    for unit in encoded_pictures(5):
        counted = replace(unit, codec=codec)
        for session in sessions:
            session.push(counted)
    assert codec.cuts == 5
    assert all(session.counters.frames_sent == 5 for session in sessions)
    assert len({len(wire.rtp) for wire in wires}) == 1


def test_payloads_are_those_of_the_codec_at_the_size_that_fits_a_datagram() -> None:
    (unit,) = encoded_pictures(1)
    payloads = Packetiser().payloads(unit)
    assert payloads == H264.packetise(unit.nal_units, MAX_PAYLOAD)
    assert len(payloads) > 1


def test_units_are_told_apart_by_identity_not_by_their_contents() -> None:
    codec, packetiser = CountingCodec(), Packetiser()
    unit = replace(encoded_pictures(1)[0], codec=codec)
    assert packetiser.payloads(unit) is packetiser.payloads(unit)
    assert packetiser.payloads(replace(unit)) is not packetiser.payloads(unit)
    assert codec.cuts == 2


def test_only_the_newest_units_are_remembered() -> None:
    codec, packetiser = CountingCodec(), Packetiser(remembered=2)
    first, second, third = (replace(unit, codec=codec) for unit in encoded_pictures(3))
    for unit in (first, second, third, second, third, first):
        packetiser.payloads(unit)
    assert codec.cuts == 4
