"""One encoded picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One picture as H.264 (ITU-T H.264, 7.4.1.2.3), ready for every kind of viewer.

    `nal_units` come without start codes; a keyframe's first ones are SPS and PPS. `payloads` are the RTP payloads of
    packetization-mode 1 (RFC 6184), at most 1200 bytes each. `rtp_timestamp` is at 90 kHz, modulo 2**32, made from
    `captured_at`; `captured_at` and `encoded_at` are time.monotonic() in seconds.
    """

    nal_units: tuple[bytes, ...]
    payloads: tuple[bytes, ...]
    keyframe: bool
    rtp_timestamp: int
    captured_at: float
    encoded_at: float
    width: int
    height: int

    @property
    def size(self) -> int:
        """Bytes of all NAL units."""
        return sum(map(len, self.nal_units))
