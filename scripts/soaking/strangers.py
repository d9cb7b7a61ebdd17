"""Datagrams of others than the viewers: what reaches DTLS or SRTP from there would end a connection."""

from __future__ import annotations

import socket
from contextlib import suppress
from random import Random

ALERTS = (bytes.fromhex("15fefd000000000000000700020228"), bytes.fromhex("15fefd000000000000000700020100"))
"""A fatal alert and a close_notify, as they are sent before there are keys."""

FIRST_BYTES = (0, 1, 20, 22, 23, 63, 64, 128, 144, 191, 255)
"""One of each protocol that may share the port (RFC 7983), and of none."""

LONGEST = 1400


def send(target: tuple[str, int], random: Random) -> None:
    """Send one datagram from a socket that is opened for it."""
    family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
    # An error: the socket has just been closed, or its buffer is full.
    with socket.socket(family, socket.SOCK_DGRAM) as stranger, suppress(OSError):
        stranger.sendto(_datagram(random), target)


def _datagram(random: Random) -> bytes:
    if random.random() < 0.3:
        return random.choice(ALERTS)
    if random.random() < 0.1:
        return b""
    return bytes((random.choice(FIRST_BYTES),)) + random.randbytes(random.randrange(LONGEST))
