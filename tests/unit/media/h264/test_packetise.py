from __future__ import annotations

import pytest
from aiortc.codecs.h264 import H264PayloadDescriptor
from hypothesis import given
from hypothesis import strategies as st

from sidecar.media.h264.nal_units import split_annex_b
from sidecar.media.h264.packetise import packetise

MAX_PAYLOAD = 1100

START_CODES = st.sampled_from([b"\0\0\1", b"\0\0\0\1", b"\0\0\0\0\0\1"])
HEADERS = st.builds(lambda nri, kind: bytes((nri << 5 | kind,)), st.integers(0, 3), st.integers(1, 23))
BODIES = st.one_of(
    st.binary(min_size=1, max_size=64),
    st.builds(lambda size, byte: byte * size, st.integers(1, 5000), st.binary(min_size=1, max_size=1)),
)
NAL_UNITS = st.lists(st.builds(bytes.__add__, HEADERS, BODIES), min_size=1, max_size=12)


def depacketise(payloads: tuple[bytes, ...]) -> bytes:
    return b"".join(H264PayloadDescriptor.parse(payload)[1] for payload in payloads)


def types(payloads: tuple[bytes, ...]) -> list[int]:
    return [payload[0] & 0x1F for payload in payloads]


@given(NAL_UNITS, st.integers(60, MAX_PAYLOAD))
def test_an_independent_depacketiser_gets_the_nal_units_back(nal_units: list[bytes], max_payload: int) -> None:
    payloads = packetise(nal_units, max_payload)
    assert depacketise(payloads) == b"".join(b"\0\0\0\1" + nal_unit for nal_unit in nal_units)
    assert all(len(payload) <= max_payload for payload in payloads)


def test_parameter_sets_and_a_small_slice_share_one_packet() -> None:
    payloads = packetise([b"\x67" + bytes(20), b"\x68" + bytes(4), b"\x65" + bytes(900)], MAX_PAYLOAD)
    assert types(payloads) == [24]
    assert payloads[0][0] & 0x60 == 0x60, "the highest nal_ref_idc of those inside"


def test_parameter_sets_share_a_packet_and_a_large_slice_is_fragmented() -> None:
    payloads = packetise([b"\x67" + bytes(20), b"\x68" + bytes(4), b"\x65" + bytes(3000)], MAX_PAYLOAD)
    assert types(payloads) == [24, 28, 28, 28]
    assert [payload[1] for payload in payloads[1:]] == [0x85, 0x05, 0x45], "start, middle and end of an IDR slice"


def test_a_nal_unit_that_fits_exactly_is_a_single_nal_unit_packet() -> None:
    exact = b"\x41" + bytes(MAX_PAYLOAD - 1)
    assert packetise([exact], MAX_PAYLOAD) == (exact,)
    assert types(packetise([exact + b"x"], MAX_PAYLOAD)) == [28, 28]


def test_slices_that_do_not_fit_together_go_alone() -> None:
    assert types(packetise([b"\x41" + bytes(700), b"\x41" + bytes(700)], MAX_PAYLOAD)) == [1, 1]


@given(
    st.lists(st.tuples(START_CODES, HEADERS, st.binary(max_size=40)), max_size=10),
    st.binary(max_size=0) | st.just(b"\0\0"),
)
def test_a_byte_stream_is_split_at_its_start_codes(parts: list[tuple[bytes, bytes, bytes]], trailing: bytes) -> None:
    escaped = [(code, (header + body).replace(b"\0", b"\3") + b"\x80") for code, header, body in parts]
    stream = b"".join(code + nal_unit for code, nal_unit in escaped) + trailing
    assert list(split_annex_b(stream)) == [nal_unit for _, nal_unit in escaped]


@pytest.mark.parametrize("data", [b"", b"\0\0", b"\0\0\1", b"no start code", b"\0\0\1\0\0\1\0"])
def test_a_byte_stream_without_nal_units_gives_none(data: bytes) -> None:
    assert list(split_annex_b(data)) == []
