"""A path with an MTU of 1,280 bytes that drops longer packets, with and without an ICMP message."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from benchmark.sender import running

from tests.support.namespaces import NetworkNamespace, needs_namespaces
from tests.support.narrow_path import ADDRESSES, MTU, NarrowPath, narrow_path

pytestmark = [needs_namespaces, pytest.mark.timeout(120)]

PICTURES = 60
"""Two seconds of them."""

MOST_LOST = 0.01
"""Of the packets. A frame's first packet is the longest: where it does not fit, a tenth of all is lost."""

PATIENCE = 30.0


@asynccontextmanager
async def viewer_in(where: NetworkNamespace) -> AsyncIterator[Process]:
    command = where.command(sys.executable, "-m", "tests.network.inside.counting_viewer")
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, limit=1 << 20)
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def say(process: Process, **message: str) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(message).encode() + b"\n")
    await process.stdin.drain()


async def hear(process: Process) -> dict[str, Any]:
    assert process.stdout is not None
    message: dict[str, Any] = json.loads(await process.stdout.readline())
    return message


def passes(path: NarrowPath, version: str, payload: int) -> bool:
    """Whether a datagram of so many bytes gets from the sender to the viewer."""
    family = socket.AF_INET6 if version == "IPv6" else socket.AF_INET
    sending, receiving = (
        path.sender.make_socket(socket.SOCK_DGRAM, family),
        path.viewer.make_socket(socket.SOCK_DGRAM, family),
    )
    with sending, receiving:
        receiving.bind((ADDRESSES[version][-1], 0))
        receiving.settimeout(1.0)
        try:
            sending.sendto(bytes(payload), receiving.getsockname()[:2])
            return len(receiving.recv(2000)) == payload
        except (TimeoutError, OSError):
            return False


@pytest.mark.parametrize("says_too_big", [True, False], ids=["too big is said", "too big is not said"])
@pytest.mark.parametrize("version", ADDRESSES)
async def test_the_picture_gets_through_a_path_of_a_small_mtu(version: str, says_too_big: bool) -> None:
    headers = 48 if version == "IPv6" else 28
    async with narrow_path(version, says_too_big=says_too_big) as path:
        async with asyncio.timeout(PATIENCE):  # the interfaces come up
            while not await asyncio.to_thread(passes, path, version, MTU - headers):
                pass
        assert not await asyncio.to_thread(passes, path, version, MTU - headers + 1)
        async with running("sidecar", lambda command: path.sender.command(*command)) as sender:
            async with viewer_in(path.viewer) as viewer, asyncio.timeout(PATIENCE):
                offer = await sender.offer()
                await say(viewer, sdp=offer.sdp)
                await sender.take_answer(offer, (await hear(viewer))["sdp"])
                while (await hear(viewer))["pictures"] < PICTURES:
                    pass
                (connection,) = (await sender.stats())["connections"]
            await sender.close(offer)
    assert connection["packets_lost"] <= MOST_LOST * connection["packets_sent"]
