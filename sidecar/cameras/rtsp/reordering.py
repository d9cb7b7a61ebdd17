"""The order of RTP packets that arrive as datagrams."""

from __future__ import annotations

from typing import Final

from sidecar.cameras.rtsp.rtp import SEQUENCE_MODULUS, RtpPacket, sequence_distance

MAX_WAITING: Final = 128
"""The number of packets that wait for a missing one; a keyframe at 8 Mbit/s may have as many packets."""

LONGEST_WAIT: Final = 0.06
"""Seconds that a packet waits for a missing one; a local network reorders within a millisecond."""

RESTART: Final = 3000
"""The distance of two sequence numbers from which the sender counts as restarted (RFC 3550, A.1: MAX_DROPOUT)."""


class ReorderBuffer:
    """Delays packets only while an earlier packet is missing. Times are in seconds of any one clock."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._waiting: dict[int, RtpPacket] = {}
        self._since = 0.0

    def push(self, packet: RtpPacket, now: float) -> list[RtpPacket]:
        """Take a packet; return the packets that are in order now."""
        ahead = 0 if self._next is None else sequence_distance(packet.sequence, self._next)
        if abs(ahead) > RESTART:
            released = self._all()
            self._next = (packet.sequence + 1) % SEQUENCE_MODULUS
            return [*released, packet]
        if ahead < 0:
            return []
        if ahead == 0:
            self._next = (packet.sequence + 1) % SEQUENCE_MODULUS
            return [packet, *self._following(now)]
        if not self._waiting:
            self._since = now
        self._waiting[packet.sequence] = packet
        return self._skip(now) if len(self._waiting) >= MAX_WAITING else self.expired(now)

    def expired(self, now: float) -> list[RtpPacket]:
        """Return the packets that have waited for LONGEST_WAIT; the missing packet is given up."""
        return self._skip(now) if self._waiting and now - self._since >= LONGEST_WAIT else []

    def deadline(self) -> float | None:
        """Return the time at which the waiting packets expire; None while no packet waits."""
        return self._since + LONGEST_WAIT if self._waiting else None

    def _skip(self, now: float) -> list[RtpPacket]:
        """Give up the missing packets before the first waiting one."""
        next_number = self._next or 0
        self._next = min(self._waiting, key=lambda number: (number - next_number) % SEQUENCE_MODULUS)
        return self._following(now)

    def _following(self, now: float) -> list[RtpPacket]:
        released = []
        while self._next is not None and (packet := self._waiting.pop(self._next, None)) is not None:
            released.append(packet)
            self._next = (self._next + 1) % SEQUENCE_MODULUS
        self._since = now
        return released

    def _all(self) -> list[RtpPacket]:
        next_number = self._next or 0
        numbers = sorted(self._waiting, key=lambda number: (number - next_number) % SEQUENCE_MODULUS)
        return [self._waiting.pop(number) for number in numbers]
