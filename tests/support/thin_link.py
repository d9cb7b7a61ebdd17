"""Two network namespaces with a cable between them that can be made thin, and a relay that loses and delays (Linux)."""

from __future__ import annotations

import asyncio
import random
import re
import socket
from asyncio.subprocess import PIPE
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, cast

from tests.support.namespaces import START_SECONDS, NetworkNamespace

Address = tuple[str, int]

SENDER, VIEWER = "10.78.0.1", "10.78.0.2"
"""The addresses at the ends of the cable."""

SECOND_SENDER, SECOND_VIEWER = "10.78.1.1", "10.78.1.2"
"""The addresses at the ends of the second cable."""

QUEUE_MILLISECONDS = 200
"""The longest queueing delay at the thin link; further packets are dropped, as in a home router."""

BURST_BYTES = 5_000
"""The burst of the token bucket: a few packets, so that the rate holds within a picture as well."""

HOLD = "ip link set lo up; echo ready; exec cat"
"""`cat` holds a namespace until its standard input is closed."""

LAY = """
ip link add "$2" type veth peer name "$2" netns "$1"
ip address add "$3/24" dev "$2"
ip link set "$2" up
nsenter --target="$1" --net ip address add "$4/24" dev "$2"
nsenter --target="$1" --net ip link set "$2" up
nsenter --target="$1" --net ip route add default via "$3" dev "$2"
"""
"""Run at the sender's end; $1 is a process at the viewer's, then the cable's name and the addresses of its ends.
Browsers look only at routed interfaces."""


class Cable:
    """A cable with its two ends, which reach only each other; a sender may have several cables."""

    def __init__(self, sender_pid: int, viewer_pid: int, name: str = "cable") -> None:
        self.sender = NetworkNamespace(sender_pid)
        self.viewer = NetworkNamespace(viewer_pid)
        self._name = name

    async def lay(self, sender: str, viewer: str) -> None:
        """Lay the cable with these addresses at its ends."""
        lay = ("sh", "-ec", LAY, "lay", str(self.viewer.pid), self._name, sender, viewer)
        await self.sender.run(*lay)

    async def limit(self, bits_per_second: float) -> None:
        """Set the capacity at the sender's end; queued packets stay queued."""
        await self.sender.run(
            *("tc", "qdisc", "replace", "dev", self._name, "root", "handle", "1:", "tbf"),
            *("rate", f"{bits_per_second:.0f}bit", "burst", str(BURST_BYTES), "latency", f"{QUEUE_MILLISECONDS}ms"),
        )


@asynccontextmanager
async def cable() -> AsyncIterator[Cable]:
    """A cable that ends with the block, together with the programs at its ends."""
    async with namespace() as sender, namespace() as viewer:
        made = Cable(sender, viewer)
        await made.lay(SENDER, VIEWER)
        yield made


@asynccontextmanager
async def two_cables() -> AsyncIterator[tuple[Cable, Cable]]:
    """The same from one sender to two viewers."""
    async with namespace() as sender, namespace() as first, namespace() as second:
        made = Cable(sender, first), Cable(sender, second, "second")
        await made[0].lay(SENDER, VIEWER)
        await made[1].lay(SECOND_SENDER, SECOND_VIEWER)
        yield made


@asynccontextmanager
async def namespace() -> AsyncIterator[int]:
    """The process that holds a network namespace, until the end of the block."""
    holder = await asyncio.create_subprocess_exec("unshare", "--net", "sh", "-ec", HOLD, stdin=PIPE, stdout=PIPE)
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            assert await holder.stdout.readline() == b"ready\n"
        yield holder.pid
    finally:
        holder.stdin.close()
        await holder.wait()


@dataclass(frozen=True)
class Impairment:
    """How packets fare: the share that is lost, and the seconds that the others take, `delay` ± `jitter`, in order."""

    loss: float = 0.0
    delay: float = 0.0
    jitter: float = 0.0


class Direction:
    """One way through the relay."""

    def __init__(self, impairment: Impairment, seed: int) -> None:
        self._impairment = impairment
        self._random = random.Random(seed)
        self._last_due = 0.0
        self._on_the_way: deque[tuple[bytes, Callable[[bytes], None]]] = deque()

    def carry(self, data: bytes, deliver: Callable[[bytes], None]) -> None:
        """Lose a packet, or deliver it later; never before one that came earlier, for queues keep the order."""
        if self._random.random() < self._impairment.loss:
            return
        loop = asyncio.get_running_loop()
        delay = self._impairment.delay + self._random.uniform(-self._impairment.jitter, self._impairment.jitter)
        self._last_due = max(self._last_due, loop.time() + delay)
        self._on_the_way.append((data, deliver))
        loop.call_at(
            self._last_due, self._arrive
        )  # whichever of two that are due at once, the older packet comes first

    def _arrive(self) -> None:
        data, deliver = self._on_the_way.popleft()
        deliver(data)


class Side(asyncio.DatagramProtocol):
    """A socket of the relay. Each packet leaves at the other socket, to the last sender there."""

    def __init__(self, direction: Direction, peer: Address | None = None) -> None:
        self.peer = peer
        self.other: Side | None = None
        self._direction = direction
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # before Python 3.12 it is no subclass

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if self.peer is None or self.peer[1] != addr[1]:
            self.peer = addr
        assert self.other is not None
        self._direction.carry(data, self.other.send)

    def send(self, data: bytes) -> None:
        if self._transport is not None and self.peer is not None and not self._transport.is_closing():
            self._transport.sendto(data, self.peer)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class Sockets(Protocol):
    """Where a relay stands."""

    def udp_socket(self, address: Address) -> socket.socket: ...


class ThisMachine:
    """The network of the tests themselves."""

    def udp_socket(self, address: Address) -> socket.socket:
        """A bound socket."""
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound.bind(address)
        return bound


@asynccontextmanager
async def relay(
    where: Sockets, target: Address, impairment: Impairment, *, host: str = VIEWER
) -> AsyncIterator[Address]:
    """The address at `host`, the viewer's end, that leads to `target`, and back, impaired."""
    loop = asyncio.get_running_loop()
    near, far = Side(Direction(impairment, seed=1)), Side(Direction(impairment, seed=2), peer=target)
    near.other, far.other = far, near
    sockets = [where.udp_socket((host, 0)) for _ in range(2)]
    for side, sock in zip((near, far), sockets, strict=True):
        await loop.create_datagram_endpoint(lambda side=side: side, sock=sock)  # type: ignore[misc]
    try:
        yield sockets[0].getsockname()
    finally:
        near.close()
        far.close()


def candidate_address(sdp: str, host: str) -> Address:
    """The address of the host candidate on `host` in a description."""
    found = re.search(rf"^a=candidate:\S+ 1 udp \d+ {re.escape(host)} (\d+) typ host", sdp, re.MULTILINE)
    assert found is not None, sdp
    return host, int(found[1])


def without_candidates(sdp: str) -> str:
    """The description without its candidates."""
    return re.sub(r"^a=(candidate:.*|end-of-candidates)\r\n", "", sdp, flags=re.MULTILINE)


def with_only_candidate(sdp: str, address: Address) -> str:
    """The description with one host candidate, at `address`, and no more to come."""
    line = f"a=candidate:1 1 udp 2130706431 {address[0]} {address[1]} typ host\r\na=end-of-candidates\r\n"
    return without_candidates(sdp) + line
