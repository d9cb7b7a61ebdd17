"""Readers of a viewer's RTCP packets: reports, losses, requests and estimates (RFC 3550, 4585, 5104; REMB).

Each reader takes linear time, and returns None or an empty result for unreadable packets: a viewer with valid SRTP keys
may still send them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from sidecar.webrtc.rtp.rtcp import RtcpPart

_SENDER_REPORT: Final = 200
_RECEIVER_REPORT: Final = 201
_TRANSPORT_FEEDBACK: Final = 205
_PAYLOAD_FEEDBACK: Final = 206

_NACK: Final = 1
_PICTURE_LOSS: Final = 1
_FULL_INTRA_REQUEST: Final = 4
_APPLICATION: Final = 15

_SSRC: Final = struct.Struct("!I")
_SENDER_INFO_BYTES: Final = 20
_REPORT_BLOCK: Final = struct.Struct("!IB3sIIII")
_FEEDBACK_HEADER: Final = struct.Struct("!II")
_NACK_ENTRY: Final = struct.Struct("!HH")
_FIR_ENTRY: Final = struct.Struct("!IB3x")
_REMB_HEADER: Final = struct.Struct("!4sBBH")
_MANTISSA_BITS: Final = 16


class ReportBlock(NamedTuple):
    """A report block (RFC 3550, 6.4.1): `fraction` lost is of 256, `delay` (DLSR) in units of 1/65536 s."""

    ssrc: int
    fraction: int
    packets_lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int


def report_blocks(part: RtcpPart) -> Iterator[ReportBlock]:
    """Yield the blocks of a sender or a receiver report."""
    if part.kind not in (_SENDER_REPORT, _RECEIVER_REPORT):
        return
    start = _SSRC.size + (_SENDER_INFO_BYTES if part.kind == _SENDER_REPORT else 0)
    end = min(start + part.fmt * _REPORT_BLOCK.size, len(part.body))
    for position in range(start, end - _REPORT_BLOCK.size + 1, _REPORT_BLOCK.size):
        ssrc, fraction, lost, *others = _REPORT_BLOCK.unpack_from(part.body, position)
        yield ReportBlock(ssrc, fraction, int.from_bytes(lost, "big", signed=True), *others)


def lost_packets(part: RtcpPart, ssrc: int) -> list[int] | None:
    """Return the sequence numbers of a generic NACK for a stream (RFC 4585, 6.2.1), None for any other packet."""
    if part.kind != _TRANSPORT_FEEDBACK or part.fmt != _NACK or _media_ssrc(part) != ssrc:
        return None
    lost = []
    for first, following in _NACK_ENTRY.iter_unpack(_entries(part, _NACK_ENTRY.size)):
        lost.append(first)
        while following:
            lowest = following & -following
            lost.append((first + lowest.bit_length()) & 0xFFFF)
            following ^= lowest
    return lost


def is_picture_loss(part: RtcpPart, ssrc: int) -> bool:
    """Return whether a packet is a picture loss indication for a stream (RFC 4585, 6.3.1)."""
    return part.kind == _PAYLOAD_FEEDBACK and part.fmt == _PICTURE_LOSS and _media_ssrc(part) == ssrc


def full_intra_request(part: RtcpPart, ssrc: int) -> int | None:
    """Return the number of a full intra request for a stream, None for any other packet (RFC 5104, 4.3.1)."""
    if part.kind != _PAYLOAD_FEEDBACK or part.fmt != _FULL_INTRA_REQUEST:
        return None
    entries = _FIR_ENTRY.iter_unpack(_entries(part, _FIR_ENTRY.size))
    return next((number for each, number in entries if each == ssrc), None)


def receiver_estimate(part: RtcpPart, ssrc: int) -> int | None:
    """Return the bits per second of a REMB message for a stream (draft-alvestrand-rmcat-remb-03, 2.2)."""
    message = part.body[_FEEDBACK_HEADER.size :]
    if part.kind != _PAYLOAD_FEEDBACK or part.fmt != _APPLICATION or len(message) < _REMB_HEADER.size:
        return None
    name, count, high, low = _REMB_HEADER.unpack_from(message)
    streams = message[_REMB_HEADER.size : _REMB_HEADER.size + count * _SSRC.size]
    if name != b"REMB" or len(streams) < count * _SSRC.size or (ssrc,) not in _SSRC.iter_unpack(streams):
        return None
    mantissa = (high & 3) << _MANTISSA_BITS | low
    return int(mantissa << (high >> 2))


def _media_ssrc(part: RtcpPart) -> int | None:
    if len(part.body) < _FEEDBACK_HEADER.size:
        return None
    ssrc: int = _FEEDBACK_HEADER.unpack_from(part.body)[1]
    return ssrc


def _entries(part: RtcpPart, size: int) -> bytes:
    """Return the feedback control information, without a truncated last entry."""
    entries = part.body[_FEEDBACK_HEADER.size :]
    return entries[: len(entries) // size * size]
