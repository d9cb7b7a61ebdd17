"""Datagrams from foreign addresses, which would end a connection if they reached DTLS or SRTP."""

from __future__ import annotations

import socket
from contextlib import suppress
from random import Random

ALERTS = (bytes.fromhex("15fefd000000000000000700020228"), bytes.fromhex("15fefd000000000000000700020100"))
"""A fatal alert and a close_notify, unencrypted as before the handshake."""

FIRST_BYTES = (0, 1, 20, 22, 23, 63, 64, 128, 144, 191, 255)
"""First bytes of every protocol that may share the port (RFC 7983), and of no protocol."""

LONGEST = 1400


def send(target: tuple[str, int], random: Random) -> None:
    """Send one datagram from a new socket."""
    family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
    # The errors: the target port has just been closed, or the send buffer is full.
    with socket.socket(family, socket.SOCK_DGRAM) as stranger, suppress(OSError):
        stranger.sendto(_datagram(random), target)


def _datagram(random: Random) -> bytes:
    if random.random() < 0.3:
        return random.choice(ALERTS)
    if random.random() < 0.1:
        return b""
    return bytes((random.choice(FIRST_BYTES),)) + random.randbytes(random.randrange(LONGEST))
