"""The base class of the depacketisers."""

from __future__ import annotations

from abc import ABC, abstractmethod

from sidecar.cameras.rtsp.rtp import SEQUENCE_MODULUS, RtpPacket


class Depacketiser(ABC):
    """Collects the payloads of one access unit at a time, in a bounded buffer.

    An access unit ends with the marker bit, or with the next time stamp of a camera that sets no marker bits.
    """

    max_access_unit = 16 * 1024 * 1024
    """The limit in bytes; a keyframe of 3840x2160 has one or two million. A longer access unit is dropped."""

    def __init__(self) -> None:
        self._unit = bytearray()
        self._timestamp: int | None = None
        self._sequence: int | None = None
        self._is_too_long = False

    def push(self, packet: RtpPacket) -> list[bytes]:
        """Take the next packet in order; return the access units that it completes."""
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
        """Append to the access unit. An access unit beyond the limit is dropped as a whole."""
        if self._is_too_long or len(self._unit) + sum(map(len, parts)) > self.max_access_unit:
            self._unit.clear()
            self._is_too_long = True
            return
        for part in parts:
            self._unit += part

    def _complete(self) -> list[bytes]:
        """Return the access unit, unless it is empty, and begin a new one."""
        unit, self._unit, self._is_too_long = self._unit, bytearray(), False
        return [bytes(unit)] if unit else []

    @abstractmethod
    def _take(self, payload: bytes) -> list[bytes]:
        """Append a payload of at least one byte; return access units that end before it."""

    @abstractmethod
    def _timestamp_changed(self) -> list[bytes]:
        """Return the access unit before a new time stamp, unless the marker bit has ended it."""

    @abstractmethod
    def _marked(self) -> list[bytes]:
        """Return the access unit that the marker bit ends."""

    @abstractmethod
    def _lost(self) -> None:
        """Drop data that cannot be completed, because packets before the next one are missing."""
