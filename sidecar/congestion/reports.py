"""A viewer's reports about its packets, free of any wire format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Arrival(NamedTuple):
    """The fate of the packet with a transport-wide sequence number (16 bits).

    `at` is the arrival time in seconds on the viewer's clock, which has an unknown zero; None: the packet has not
    arrived.
    """

    number: int
    at: float | None


class ReceiverReport(NamedTuple):
    """A report block (RFC 3550, 6.4.1) about the stream.

    `fraction_lost` is 0 to 1 since the last report, `highest` the extended highest sequence number received, and
    `round_trip_time` in seconds; None when the report echoes no recent sender report.
    """

    fraction_lost: float
    highest: int
    round_trip_time: float | None


class MissingPackets(NamedTuple):
    """The packets that a generic NACK names (RFC 4585, 6.2.1).

    `numbers` and `packets_sent` count the stream's packets from the first one sent, without wrapping.
    `newest_sent_at` is when the newest of `numbers` was sent, in seconds; None when that is not remembered.
    """

    numbers: Sequence[int]
    packets_sent: int
    newest_sent_at: float | None
