"""From a coded picture to RTP payloads (RFC 6184, packetization-mode 1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

MAX_DATAGRAM: Final = 1200
"""Bytes of a UDP payload, all included. With the headers of IPv6 and UDP, 48 bytes, it fits the smallest MTU that IPv6
allows, 1280 bytes (RFC 8200, 5), with room for a tunnel's header; WebRTC and QUIC keep to the same."""

RELAY_HEADER: Final = 4
"""ChannelData of TURN (RFC 8656, 12.4). Nothing is sent in Send indications, whose 36 bytes would be more; over UDP
there is no padding, and over TCP a datagram's size does not matter."""

SRTP_TAG: Final = 16
"""The authentication tag of AES-GCM (RFC 7714); that of HMAC-SHA1 has 10 bytes (RFC 3711). No MKI is in use."""

RTP_HEADER: Final = 12
"""Without contributing sources (RFC 3550, 5.1)."""

RTP_EXTENSIONS: Final = 52
"""The block of header extensions at its longest (RFC 8285, 4.2): a header of 4, then mid 1 + 16, transport-wide number
1 + 2, abs-send-time 1 + 3, playout-delay 1 + 3, abs-capture-time 1 + 16, padded to a multiple of 4. Payloads are cut
once for all viewers, so the worst case of what may be negotiated counts."""

RTX_NUMBER: Final = 2
"""The original sequence number in a retransmission (RFC 4588, 4)."""

MAX_PAYLOAD: Final = MAX_DATAGRAM - RELAY_HEADER - SRTP_TAG - RTP_HEADER - RTP_EXTENSIONS - RTX_NUMBER

_START_CODE: Final = b"\0\0\1"
_FORBIDDEN_ZERO_BIT: Final = 0x80
_NRI_MASK: Final = 0x60
_TYPE_MASK: Final = 0x1F
_STAP_A: Final = 24
_FU_A: Final = 28
_FU_START: Final = 0x80
_FU_END: Final = 0x40
_FU_HEADERS: Final = 2
_STAP_HEADER: Final = 1
_STAP_LENGTH: Final = 2


def nal_unit_type(nal_unit: bytes) -> int:
    """nal_unit_type (ITU-T H.264, Table 7-1)."""
    return nal_unit[0] & _TYPE_MASK


def split_annex_b(data: bytes) -> Iterator[bytes]:
    """The NAL units of a byte stream (ITU-T H.264, annex B), without start codes."""
    start = data.find(_START_CODE)
    while start >= 0:
        start += len(_START_CODE)
        end = data.find(_START_CODE, start)
        # A NAL unit never ends in a zero byte (7.4.1): what zeros there are belong to the next start code.
        nal_unit = data[start : end if end >= 0 else len(data)].rstrip(b"\0")
        if nal_unit:
            yield nal_unit
        start = end


def packetise(nal_units: Sequence[bytes], max_payload: int = MAX_PAYLOAD) -> tuple[bytes, ...]:
    """The RTP payloads of one access unit, each at most `max_payload` bytes.

    Neighbours that fit together go as one STAP-A (section 5.7.1), what fits alone as a single NAL unit packet (5.6),
    and what is larger as FU-A fragments (5.8).
    """
    payloads: list[bytes] = []
    together: list[bytes] = []
    size = _STAP_HEADER
    for nal_unit in nal_units:
        needed = _STAP_LENGTH + len(nal_unit)
        if together and size + needed > max_payload:
            payloads.append(_aggregate(together))
            together, size = [], _STAP_HEADER
        if len(nal_unit) > max_payload:
            payloads.extend(_fragment(nal_unit, max_payload))
        else:
            together.append(nal_unit)
            size += needed
    if together:
        payloads.append(_aggregate(together))
    return tuple(payloads)


def _aggregate(nal_units: list[bytes]) -> bytes:
    if len(nal_units) == 1:
        return nal_units[0]
    forbidden = max(nal_unit[0] & _FORBIDDEN_ZERO_BIT for nal_unit in nal_units)
    nri = max(nal_unit[0] & _NRI_MASK for nal_unit in nal_units)
    parts = [bytes((forbidden | nri | _STAP_A,))]
    for nal_unit in nal_units:
        parts += (len(nal_unit).to_bytes(_STAP_LENGTH, "big"), nal_unit)
    return b"".join(parts)


def _fragment(nal_unit: bytes, max_payload: int) -> Iterator[bytes]:
    room = max_payload - _FU_HEADERS
    indicator = nal_unit[0] & ~_TYPE_MASK | _FU_A
    position, marker = 1, _FU_START
    while position < len(nal_unit):
        end = position + room
        if end >= len(nal_unit):
            marker |= _FU_END
        yield bytes((indicator, marker | nal_unit_type(nal_unit))) + nal_unit[position:end]
        position, marker = end, 0
