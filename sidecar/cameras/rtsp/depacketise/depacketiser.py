"""What every depacketiser does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from sidecar.cameras.rtsp.rtp import SEQUENCE_MODULUS, RtpPacket

MAX_ACCESS_UNIT: Final = 16 * 1024 * 1024
"""Bytes; a keyframe of 3840x2160 has one or two million. A longer one is dropped as a whole."""


class Depacketiser(ABC):
    """Collects the payloads of one access unit at a time, in a buffer that has a limit.

    An access unit ends with the marker bit, or, from cameras that set none, with the next time stamp.
    """

    def __init__(self) -> None:
        self._unit = bytearray()
        self._timestamp: int | None = None
        self._sequence: int | None = None
        self._is_too_long = False

    def push(self, packet: RtpPacket) -> list[bytes]:
        """Take the next packet, in order; return the access units that are complete by it."""
        if self._sequence is not None and packet.sequence != self._sequence:
            self._lost()
        self._sequence = (packet.sequence + 1) % SEQUENCE_MODULUS
        units: list[bytes] = []
        if packet.timestamp != self._timestamp:
            units += self._timestamp_changed()
            self._timestamp = packet.timestamp
        if packet.payload:
            units += self._take(packet.payload)
        if packet.marker:
            units += self._marked()
        return units

    def _append(self, *parts: bytes) -> None:
        """Add to the access unit; what passes the limit makes all of it worthless."""
        if self._is_too_long or len(self._unit) + sum(map(len, parts)) > MAX_ACCESS_UNIT:
            self._unit.clear()
            self._is_too_long = True
            return
        for part in parts:
            self._unit += part

    def _complete(self) -> list[bytes]:
        """Give the access unit away, unless it is empty."""
        unit, self._unit, self._is_too_long = self._unit, bytearray(), False
        return [bytes(unit)] if unit else []

    @abstractmethod
    def _take(self, payload: bytes) -> list[bytes]:
        """Add a payload that is not empty; return access units that end before it."""

    @abstractmethod
    def _timestamp_changed(self) -> list[bytes]:
        """Return the access unit before a new time stamp, if it has not ended yet."""

    @abstractmethod
    def _marked(self) -> list[bytes]:
        """Return the access unit that the marker bit ends."""

    @abstractmethod
    def _lost(self) -> None:
        """Packets are missing before the next one: drop what cannot be completed."""
