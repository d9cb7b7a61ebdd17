"""The sockets of ICE agents: the filter of their senders, and the limit of their number."""

from __future__ import annotations

import struct
import sys
from typing import Any, Final

from aioice import Connection, stun
from aioice.ice import StunProtocol

from sidecar.contract.errors import LimitExceededError

Address = tuple[str, int]

MAX_STUN: Final = 1280
"""Bytes of a STUN message; an ICE check has some 120. A message has to fit into the path's MTU (RFC 8489, 6.1)."""

MAX_DATA: Final = 1500
"""Bytes of DTLS and SRTP. Peers keep to the MTU of Ethernet, and pylibsrtp takes no more."""

MAX_CHECKED: Final = 512
"""Addresses that may send data to one socket: only the peer, which knows the password, adds addresses."""

# The first byte of a datagram identifies its protocol (RFC 7983, 7).
_LAST_STUN: Final = 3
_FIRST_DTLS, _LAST_DTLS = 20, 63
_FIRST_RTP, _LAST_RTP = 128, 191

RESERVED: Final = 160
"""Descriptors that are kept for cameras, local streams, files and the event loop."""

WINDOWS_SOCKETS: Final = 512
"""The limit of CPython's select() on Windows."""

MAX_DESCRIPTORS: Final = 4096
LEAST_SOCKETS: Final = 32


class CheckedProtocol(StunProtocol):
    """A socket or a relay of an agent, which takes STUN messages, and data from addresses that passed an ICE check.

    Datagrams of other senders are counted in `refused`: they use no queue and no log line, and get no answer but the
    error responses of STUN.
    """

    def __init__(self, receiver: Connection) -> None:
        super().__init__(receiver)
        self.refused = 0
        self._checked: set[Address] = set()

    def accept_data_from(self, address: Address) -> None:
        """Accept data from an address of the peer: an ICE check has succeeded (RFC 8445, 7.2.5.3 and 7.3.1)."""
        if len(self._checked) < MAX_CHECKED:
            self._checked.add(address)

    def accepts_data_from(self, address: Address) -> bool:
        """Return whether the address has passed an ICE check, so that its DTLS and SRTP are passed on."""
        return address in self._checked

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        """Handle a datagram of the peer or of any other sender."""
        assert isinstance(data, bytes)
        source = (addr[0], addr[1])  # an IPv6 address without its flow and scope
        first = data[0] if data else _LAST_STUN + 1
        if first <= _LAST_STUN:
            self._take_stun(data, source)
        elif self.accepts_data_from(source) and len(data) <= MAX_DATA and _is_media(first):
            self.receiver.data_received(data, self.local_candidate.component)
        else:
            self.refused += 1

    def _take_stun(self, data: bytes, source: Address) -> None:
        try:
            if len(data) > MAX_STUN:
                raise ValueError("too long")
            message = stun.parse_message(data)
        except (ValueError, struct.error):
            self.refused += 1
            return
        if message.message_class == stun.Class.REQUEST:
            self.receiver.request_received(message, source, self)
        elif message.message_class != stun.Class.INDICATION:
            transaction = self.transactions.get(message.transaction_id)
            if transaction is None:
                self.refused += 1
            else:
                transaction.response_received(message, source)


def _is_media(first: int) -> bool:
    return _FIRST_DTLS <= first <= _LAST_DTLS or _FIRST_RTP <= first <= _LAST_RTP


def socket_capacity() -> int:
    """Return the number of sockets for all ICE agents: the limit of descriptors less RESERVED."""
    if sys.platform == "win32":
        return WINDOWS_SOCKETS - RESERVED
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit in (resource.RLIM_INFINITY, -1):
        limit = MAX_DESCRIPTORS
    return max(min(limit, MAX_DESCRIPTORS) - RESERVED, LEAST_SOCKETS)


class SocketBudget:
    """The sockets of all ICE agents of the process: the number `taken`, and the `capacity`."""

    def __init__(self, capacity: int | None = None) -> None:
        self.capacity = socket_capacity() if capacity is None else capacity
        self.taken = 0

    def take(self, count: int) -> None:
        """Reserve sockets. Raises LimitExceededError when they are too many, and reserves none then."""
        if self.taken + count > self.capacity:
            raise too_many_sockets(self.capacity)
        self.taken += count

    def give_back(self, count: int) -> None:
        """Return reserved sockets, which are closed."""
        self.taken -= count


def too_many_sockets(capacity: int | None = None) -> LimitExceededError:
    """Return the error of a connection whose sockets cannot be opened."""
    details: dict[str, object] = {"limit": "sockets"}
    if capacity is not None:
        details["maximum"] = capacity
    return LimitExceededError(
        "no sockets are left for another connection",
        hint="Close connections that are no longer needed, or pass fewer TURN servers.",
        details=details,
    )
