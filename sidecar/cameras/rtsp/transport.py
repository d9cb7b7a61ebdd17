"""The transport of a camera's packets: inside the RTSP connection, or by UDP (RFC 2326, section 12.39)."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sidecar.cameras.rtsp.connection import RECEIVE_BUFFER
from sidecar.cameras.rtsp.errors import MalformedError
from sidecar.cameras.rtsp.rtp import empty_packet, empty_report

TransportName: TypeAlias = Literal["tcp", "udp"]

PORT_TRIES: Final = 20
"""The number of port pairs that are tried: RTP uses an even port, and RTCP the next one."""

PATIENCE: Final = 2.0
"""Seconds in which only packets from the announced port are accepted; some cameras send from another port."""

MAX_DATAGRAM: Final = 65535

_NUMBERS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class Interleaved:
    """The channels of RTP and RTCP inside the connection."""

    rtp: int
    rtcp: int


def interleaved_request() -> str:
    """Return the Transport header that requests packets inside the connection."""
    return "RTP/AVP/TCP;unicast;interleaved=0-1"


def read_transport(header: str | None) -> dict[str, str]:
    """Return the parameters of a response's first Transport; "protocol" is the first part, in upper case."""
    first = (header or "").split(",", 1)[0]
    protocol, *parameters = (part.strip() for part in first.split(";")[:32])
    pairs = (part.partition("=") for part in parameters)
    return {name.lower(): value for name, _, value in pairs} | {"protocol": protocol.upper()}


def pair(value: str) -> tuple[int, int] | None:
    """Return the two numbers of "8000-8001"; a missing second number is one more than the first."""
    found = _NUMBERS.fullmatch(value.strip())
    if found is None:
        return None
    first = int(found[1])
    return first, int(found[2]) if found[2] else first + 1


def read_interleaved(transport: dict[str, str]) -> Interleaved:
    """Return the channels that the camera chose. Raises MalformedError."""
    channels = pair(transport.get("interleaved", "0-1"))
    if channels is None or max(channels) > 255:
        raise MalformedError("an interleaved parameter without channels")
    return Interleaved(*channels)


class UdpPorts:
    """A pair of UDP ports for one camera. Datagrams of other addresses are dropped."""

    def __init__(self, family: int, peer: str) -> None:
        """Raises OSError when no pair of ports is free."""
        self._peer = peer
        self._server: tuple[int, int] | None = None
        self._sources: dict[socket.socket, int] = {}
        self._patient_until = time.monotonic() + PATIENCE
        self.rtp, self.rtcp = _bound_pair(family)
        for one in (self.rtp, self.rtcp):
            one.setblocking(False)
        with contextlib.suppress(OSError):
            self.rtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)

    def request(self) -> str:
        """Return the Transport header that requests packets to these ports."""
        return f"RTP/AVP;unicast;client_port={self.rtp.getsockname()[1]}-{self.rtcp.getsockname()[1]}"

    def start(self, transport: dict[str, str], ssrc: int) -> None:
        """Read the camera's ports from its response, and open the path to them through NAT."""
        ports = pair(transport.get("server_port", ""))
        if ports is None or not all(0 < port < 65536 for port in ports):
            return
        self._server = ports
        self._sources = {self.rtp: ports[0], self.rtcp: ports[1]}
        self._send(self.rtp, empty_packet(ssrc), ports[0])
        self._send(self.rtcp, empty_report(ssrc), ports[1])

    def playing(self) -> None:
        """Start the PATIENCE seconds in which only the announced ports may send: the camera plays."""
        self._patient_until = time.monotonic() + PATIENCE

    def receive(self, one: socket.socket) -> bytes | None:
        """Return the next datagram of the camera; None when it was not the camera's, or none is there."""
        try:
            data, address = one.recvfrom(MAX_DATAGRAM)
        except OSError:  # none is there, or an ICMP error for a datagram that was sent
            return None
        return data if self._is_camera(one, address[0], address[1]) else None

    def report(self, data: bytes) -> None:
        """Send an RTCP packet to the camera."""
        port = self._sources.get(self.rtcp)
        if port is not None:
            self._send(self.rtcp, data, port)

    def close(self) -> None:
        """Close both sockets."""
        self.rtp.close()
        self.rtcp.close()

    def _is_camera(self, one: socket.socket, host: str, port: int) -> bool:
        """Return whether a datagram is the camera's.

        Its datagrams are sent from the announced port of its address, or, while that port is silent, from the first
        other port of that address.
        """
        if host.split("%")[0] != self._peer.split("%")[0]:
            return False
        expected = self._sources.get(one)
        if port == expected:
            self._patient_until = float("inf")
            return True
        if expected is not None and time.monotonic() < self._patient_until:
            return False
        self._sources[one] = port
        return True

    def _send(self, one: socket.socket, data: bytes, port: int) -> None:
        with contextlib.suppress(OSError):
            one.sendto(data, (self._peer, port))


def _bound_pair(family: int) -> tuple[socket.socket, socket.socket]:
    """Return two sockets, bound to an even port and to the next one (RFC 3550, section 11)."""
    failure = OSError("no pair of UDP ports is free")
    for _ in range(PORT_TRIES):
        first, second = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_DGRAM)
        try:
            first.bind(("", 0))
            port = first.getsockname()[1]
            if port % 2 == 0:
                second.bind(("", port + 1))
                return first, second
        except OSError as error:
            failure = error
        first.close()
        second.close()
    raise failure
