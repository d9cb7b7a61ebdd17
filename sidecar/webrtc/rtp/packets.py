"""RTP packets, byte by byte (RFC 3550, 5.1; RFC 8285; RFC 4588)."""

from __future__ import annotations

import secrets
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor
from typing import Final

from sidecar.webrtc.rtp.playout import AT_ONCE
from sidecar.webrtc.sdp import CodecParameters, ExtensionIds

NTP_EPOCH_OFFSET: Final = 2_208_988_800
"""Seconds from 1900 to 1970 (RFC 3550, 4)."""

_NTP_BITS: Final = (1 << 64) - 1

_HEADER = struct.Struct("!BBHII")
_VERSION = 0x80
_EXTENSION_BIT = 0x10
_MARKER_BIT = 0x80
_ONE_BYTE_PROFILE = 0xBEDE
_MAX_MID_LENGTH = 16
_NUMBER_AT = 5  # the first element of the block, behind the block's header and its own


@dataclass(frozen=True)
class SenderParameters:
    """What was negotiated for a stream; `playout_delay` is (min, max) in milliseconds, None: as the network demands."""

    ssrc: int
    rtx_ssrc: int
    cname: str
    mid: str
    codec: CodecParameters
    extensions: ExtensionIds
    playout_delay: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class SentFrame:
    """A frame whose packets have left, or are leaving; `sequence_number` is that of the first of them."""

    sequence_number: int
    timestamp: int
    payloads: Sequence[bytes]
    sent_at: float
    captured_ntp: int


def ntp_time(age: float = 0.0, wall: Callable[[], float] = time.time) -> int:
    """Return the moment `age` seconds ago as a 64-bit NTP time stamp (RFC 3550, 4).

    `wall` gives the seconds since 1970. The time stamp counts modulo 2^64: era 1 begins at 2036-02-07 06:28:16 UTC
    (RFC 5905, 6), and whoever takes the difference of two takes it modulo 2^64, too. Before 1900 it is of era -1.
    """
    return floor((wall() - age + NTP_EPOCH_OFFSET) * 2**32) & _NTP_BITS


class PacketWriter:
    """Writes the packets of one stream, and those that are sent again."""

    def __init__(self, parameters: SenderParameters, wall: Callable[[], float] = time.time) -> None:
        """`wall` gives the seconds since 1970, the clock of abs-send-time."""
        self.playout_delay = parameters.playout_delay or AT_ONCE
        """(min, max) in milliseconds, of the packets from now on."""
        self.transport_number = 0
        """The transport-wide sequence number of the last packet, of whichever of our two streams."""
        self._parameters = parameters
        self._wall = wall
        # In the lower half: a first packet that is lost cannot hide a wrap from the peer's SRTP (RFC 3711, 3.3.1).
        self._rtx_sequence_number = secrets.randbelow(1 << 15)

    def packet(self, frame: SentFrame, index: int, extensions: bytes) -> bytes:
        """The packet of a payload; `extensions` is what `extensions` gave."""
        codec, parameters = self._parameters.codec, self._parameters
        number = (frame.sequence_number + index) & 0xFFFF
        payload_type = codec.payload_type | _marker(frame, index)
        header = _HEADER.pack(_first_byte(extensions), payload_type, number, frame.timestamp, parameters.ssrc)
        return header + self._numbered(extensions) + frame.payloads[index]

    def retransmission(self, frame: SentFrame, index: int, extensions: bytes) -> bytes:
        """The packet again: as RTX (RFC 4588, 4) where that was negotiated, otherwise as it was."""
        codec, parameters = self._parameters.codec, self._parameters
        if codec.rtx_payload_type is None:
            return self.packet(frame, index, extensions)
        number = self._rtx_sequence_number
        self._rtx_sequence_number = (number + 1) & 0xFFFF
        payload_type = codec.rtx_payload_type | _marker(frame, index)
        header = _HEADER.pack(_first_byte(extensions), payload_type, number, frame.timestamp, parameters.rtx_ssrc)
        original = struct.pack("!H", (frame.sequence_number + index) & 0xFFFF)
        return header + self._numbered(extensions) + original + frame.payloads[index]

    def extensions(self, captured_ntp: int | None = None) -> bytes:
        """The header extension block of packets sent now (RFC 8285, 4.2), empty when none was negotiated.

        A frame's first packet says when the frame was captured; what it says holds for the others, too. Each packet's
        own number is put in when it is written.
        """
        ids, elements = self._parameters.extensions, b""
        if ids.transport_number is not None:
            elements += bytes((ids.transport_number << 4 | 1, 0, 0))
        mid = self._parameters.mid.encode()
        if ids.mid is not None and 0 < len(mid) <= _MAX_MID_LENGTH:
            elements += bytes((ids.mid << 4 | len(mid) - 1,)) + mid
        if ids.abs_send_time is not None:
            elements += bytes((ids.abs_send_time << 4 | 2,)) + ((ntp_time(wall=self._wall) >> 14) & 0xFFFFFF).to_bytes(
                3, "big"
            )
        if ids.playout_delay is not None:
            shortest, longest = (delay // 10 for delay in self.playout_delay)
            elements += bytes((ids.playout_delay << 4 | 2,)) + (shortest << 12 | longest).to_bytes(3, "big")
        if ids.abs_capture_time is not None and captured_ntp is not None:
            # The clock that captures is the one of the sender reports: the offset between them is 0.
            elements += bytes((ids.abs_capture_time << 4 | 15,)) + struct.pack("!Qq", captured_ntp, 0)
        if not elements:
            return b""
        elements += bytes(-len(elements) % 4)
        return struct.pack("!HH", _ONE_BYTE_PROFILE, len(elements) // 4) + elements

    def _numbered(self, extensions: bytes) -> bytes:
        if self._parameters.extensions.transport_number is None:
            return extensions
        self.transport_number = (self.transport_number + 1) & 0xFFFF
        return extensions[:_NUMBER_AT] + self.transport_number.to_bytes(2, "big") + extensions[_NUMBER_AT + 2 :]


def _first_byte(extensions: bytes) -> int:
    return _VERSION | (_EXTENSION_BIT if extensions else 0)


def _marker(frame: SentFrame, index: int) -> int:
    return _MARKER_BIT if index == len(frame.payloads) - 1 else 0
