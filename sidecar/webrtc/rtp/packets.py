"""RTP packets as bytes (RFC 3550, 5.1; RFC 8285; RFC 4588)."""

from __future__ import annotations

import secrets
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor
from typing import Final

from sidecar.congestion.playout import IMMEDIATE
from sidecar.webrtc.sdp import CodecParameters, ExtensionIds

NTP_EPOCH_OFFSET: Final = 2_208_988_800
"""Seconds from 1900 to 1970 (RFC 3550, 4)."""

_NTP_BITS: Final = (1 << 64) - 1

CLOCK_RATE: Final = 90_000
"""Of RTP time stamps of video, in hertz (RFC 6184, 8.2.1)."""

_HEADER = struct.Struct("!BBHII")
_NUMBERED_HEADER = struct.Struct("!BBHII5sH")
"""The same with the start of the extension block, up to the transport-wide sequence number in its first element."""

_VERSION = 0x80
_EXTENDED = _VERSION | 0x10  # with an extension block
_MARKER_BIT = 0x80
_ONE_BYTE_PROFILE = 0xBEDE
_MAX_MID_LENGTH = 16
_BEHIND_NUMBER = 7  # in the extension block


@dataclass(frozen=True)
class SenderParameters:
    """The negotiated parameters of a stream.

    `playout_delay` is (minimum, maximum) in milliseconds; None: it follows the loss.
    """

    ssrc: int
    rtx_ssrc: int
    cname: str
    mid: str
    codec: CodecParameters
    extensions: ExtensionIds
    playout_delay: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class SentFrame:
    """A frame whose first packet has been sent at least; `sequence_number` is the first packet's."""

    sequence_number: int
    timestamp: int
    payloads: Sequence[bytes]
    sent_at: float
    captured_ntp: int


def ntp_time(age: float = 0.0, wall: Callable[[], float] = time.time) -> int:
    """Return the moment `age` seconds ago as a 64-bit NTP time stamp (RFC 3550, 4).

    `wall` gives the seconds since 1970. The time stamp counts modulo 2^64, and so does the difference of two: era 1
    begins at 2036-02-07 06:28:16 UTC (RFC 5905, 6). Times before 1900 are of era -1.
    """
    return floor((wall() - age + NTP_EPOCH_OFFSET) * 2**32) & _NTP_BITS


class PacketWriter:
    """Writes the packets of one stream and its retransmissions."""

    def __init__(self, parameters: SenderParameters, wall: Callable[[], float] = time.time) -> None:
        """`wall` gives the seconds since 1970, the clock of abs-send-time."""
        self.playout_delay = parameters.playout_delay or IMMEDIATE
        """(minimum, maximum) in milliseconds, of the packets from now on."""
        self.transport_number = 0
        """The transport-wide sequence number of the last packet, be it of the stream or a retransmission."""
        self._parameters = parameters
        self._is_numbered = parameters.extensions.transport_number is not None
        self._wall = wall
        # In the lower half: a first packet that is lost cannot hide a wrap from the peer's SRTP (RFC 3711, 3.3.1).
        self._rtx_sequence_number = secrets.randbelow(1 << 15)

    def packet(self, frame: SentFrame, index: int, extensions: bytes) -> bytes:
        """Return the packet of a payload; `extensions` is a result of `extensions`."""
        parameters = self._parameters
        number = (frame.sequence_number + index) & 0xFFFF
        header = self._header(frame, index, parameters.codec.payload_type, number, parameters.ssrc, extensions)
        return header + frame.payloads[index]

    def retransmission(self, frame: SentFrame, index: int, extensions: bytes) -> bytes:
        """Return the packet again: as RTX (RFC 4588, 4) where RTX was negotiated, otherwise unchanged."""
        parameters = self._parameters
        payload_type = parameters.codec.rtx_payload_type
        if payload_type is None:
            return self.packet(frame, index, extensions)
        number = self._rtx_sequence_number
        self._rtx_sequence_number = (number + 1) & 0xFFFF
        header = self._header(frame, index, payload_type, number, parameters.rtx_ssrc, extensions)
        original = struct.pack("!H", (frame.sequence_number + index) & 0xFFFF)
        return header + original + frame.payloads[index]

    def _header(
        self, frame: SentFrame, index: int, payload_type: int, number: int, ssrc: int, extensions: bytes
    ) -> bytes:
        if index == len(frame.payloads) - 1:
            payload_type |= _MARKER_BIT
        if not self._is_numbered:
            first = _EXTENDED if extensions else _VERSION
            return _HEADER.pack(first, payload_type, number, frame.timestamp, ssrc) + extensions
        self.transport_number = transport_number = (self.transport_number + 1) & 0xFFFF
        header = _NUMBERED_HEADER.pack(
            _EXTENDED, payload_type, number, frame.timestamp, ssrc, extensions, transport_number
        )
        return header + extensions[_BEHIND_NUMBER:]

    def extensions(self, captured_ntp: int | None = None) -> bytes:
        """Return the header extension block of packets sent now (RFC 8285, 4.2), empty when none was negotiated.

        `captured_ntp` is the capture time, which only a frame's first packet carries. `packet` fills in each packet's
        transport-wide sequence number.
        """
        ids, elements = self._parameters.extensions, b""
        if ids.transport_number is not None:
            elements += bytes((ids.transport_number << 4 | 1, 0, 0))
        mid = self._parameters.mid.encode()
        if ids.mid is not None and 0 < len(mid) <= _MAX_MID_LENGTH:
            elements += bytes((ids.mid << 4 | len(mid) - 1,)) + mid
        if ids.abs_send_time is not None:
            sent = (ntp_time(wall=self._wall) >> 14) & 0xFFFFFF
            elements += bytes((ids.abs_send_time << 4 | 2,)) + sent.to_bytes(3, "big")
        if ids.playout_delay is not None:
            shortest, longest = (delay // 10 for delay in self.playout_delay)
            elements += bytes((ids.playout_delay << 4 | 2,)) + (shortest << 12 | longest).to_bytes(3, "big")
        if ids.abs_capture_time is not None and captured_ntp is not None:
            # Capture times are by the clock of the sender reports: the offset between them is 0.
            elements += bytes((ids.abs_capture_time << 4 | 15,)) + struct.pack("!Qq", captured_ntp, 0)
        if not elements:
            return b""
        elements += bytes(-len(elements) % 4)
        return struct.pack("!HH", _ONE_BYTE_PROFILE, len(elements) // 4) + elements
