"""Datagrams of other senders than the peer: before, during and after the handshake, and after an ICE restart."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import cast

import pytest
from aioice import stun
from aiortc.rtcdtlstransport import SRTP_PROFILES, RTCCertificate
from OpenSSL import SSL

from sidecar.webrtc.ice.agent import MAX_WAITING_DATAGRAMS, IceAgent
from sidecar.webrtc.ice.sockets import CheckedProtocol
from sidecar.webrtc.peer import Peer
from tests.support.peers import PATIENCE, RecordingListener, Viewer, connected_with, gather_on_loopback, pushing, until
from tests.support.restarting_viewer import RestartingViewer, restartable_peers


def client_hello() -> bytes:
    """The first flight of a stranger's DTLS client."""
    connection = SSL.Connection(RTCCertificate.generateCertificate()._create_ssl_context(SRTP_PROFILES))
    connection.set_connect_state()
    with pytest.raises(SSL.WantReadError):
        connection.do_handshake()
    return connection.bio_read(4096)


def stun_message(
    message_class: stun.Class, attributes: bytes = b"", transaction: bytes = bytes(12), method: int = 1
) -> bytes:
    return struct.pack("!HHI12s", method | message_class, len(attributes), stun.COOKIE, transaction) + attributes


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


HOSTILE = {
    "fatal handshake_failure": bytes.fromhex("15fefd000000000000000700020228"),
    "close_notify": bytes.fromhex("15fefd000000000000000700020100"),
    "ClientHello": client_hello(),
    "empty": b"",
    "one byte": b"\x16",
    "garbage": bytes(range(256)),
    "DTLS garbage": b"\x16" + bytes(40),
    "DTLS of epoch 1": bytes.fromhex("17fefd0001000000000001002000") + bytes(31),
    "like RTP": b"\x80\x66" + bytes(60),
    "like RTCP": b"\x80\xc8\x00\x06" + bytes(60),
    "long RTP": b"\x80\x66" + bytes(8000),
    "no protocol": b"\x4f" + bytes(30),
    "a request without a login": stun_message(stun.Class.REQUEST),
    "a request with a bad login": stun_message(
        stun.Class.REQUEST, attribute(0x0006, b"abcd:efgh") + attribute(0x0024, bytes(4)) + attribute(0x0008, bytes(20))
    ),
    "an indication": stun_message(stun.Class.INDICATION),
    "a response nobody waits for": stun_message(stun.Class.RESPONSE),
    "an error nobody waits for": stun_message(stun.Class.ERROR, attribute(0x0009, b"\0\0\x04\x57")),
    "a priority of two bytes": stun_message(stun.Class.REQUEST, attribute(0x0024, b"\0\0")),
    "a user name that is no UTF-8": stun_message(stun.Class.REQUEST, attribute(0x0006, b"\xff\xfe")),
    "an attribute that is cut off": stun_message(stun.Class.REQUEST, b"\0\x24\0\x04"),
    "an unknown method": stun_message(stun.Class.REQUEST, method=0x7),
    "long STUN": stun_message(stun.Class.REQUEST, attribute(0x8022, bytes(60_000))),
}


class Stranger:
    """A socket that is none of the peer's."""

    def __init__(self, family: socket.AddressFamily, address: str) -> None:
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))

    def send(self, data: bytes, target: tuple[str, int]) -> None:
        self._socket.sendto(data, target)

    def close(self) -> None:
        self._socket.close()


def protocols_of(agent: IceAgent) -> list[CheckedProtocol]:
    return [cast(CheckedProtocol, protocol) for protocol in agent._protocols]


def sockets_of(peer: Peer) -> list[tuple[str, int]]:
    """Every address that the peer receives at, in each of its generations."""
    protocols = [protocol for agent in peer.ice_agents for protocol in protocols_of(agent)]
    return [protocol.transport.get_extra_info("sockname")[:2] for protocol in protocols]


@contextmanager
def strangers() -> Iterator[dict[int, Stranger]]:
    made = {4: Stranger(socket.AF_INET, "127.0.0.1"), 6: Stranger(socket.AF_INET6, "::1")}
    try:
        yield made
    finally:
        for each in made.values():
            each.close()


def attack(peer: Peer, made: dict[int, Stranger], datagrams: list[bytes]) -> None:
    for host, port in sockets_of(peer):
        for data in datagrams:
            made[6 if ":" in host else 4].send(data, (host, port))


async def until_refused(peer: Peer, count: int) -> None:
    """Wait until the sockets have refused this many datagrams."""
    agents = peer.ice_agents
    await until(lambda: sum(agent.refused_datagrams for agent in agents) >= count)


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    gather_on_loopback(monkeypatch)


async def pictures(viewer: Viewer, count: int = 3) -> None:
    assert viewer.track is not None
    for _ in range(count):
        await asyncio.wait_for(viewer.track.recv(), PATIENCE)


@asynccontextmanager
async def attacked_all_along(peer: Peer, datagrams: list[bytes]) -> AsyncIterator[None]:
    """A stranger sends all the time, as long as the block lasts."""
    over = asyncio.Event()

    async def go_on() -> None:
        with strangers() as made:
            while not over.is_set():
                attack(peer, made, datagrams)
                await asyncio.sleep(0.002)

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        over.set()
        await task


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_stranger_s_datagram_before_and_during_the_handshake_has_no_effect(name: str) -> None:
    listener, viewer = RecordingListener(), Viewer()
    peer = Peer("connection-1", ice_servers=[], listener=listener)
    try:
        offer = await peer.create_offer()
        async with attacked_all_along(peer, [HOSTILE[name]]):
            await peer.set_remote_description("answer", await viewer.answer(offer))
            await listener.until_state("connected")
            await viewer.until_connected()
        assert listener.state_names == ["connecting", "connected"]
    finally:
        await peer.close()
        await viewer.close()


async def test_a_stranger_s_datagrams_do_not_end_a_connection() -> None:
    async with connected_with(Viewer()) as (peer, listener, viewer), pushing(peer, listener):
        await pictures(viewer)
        async with attacked_all_along(peer, list(HOSTILE.values())):
            await pictures(viewer, 20)
        assert listener.state_names == ["connecting", "connected"]


async def test_a_stranger_s_datagrams_do_not_end_a_restart() -> None:
    async with restartable_peers() as (peer, listener, viewer), pushing(peer, listener):
        await pictures(viewer)
        offer = await peer.create_offer(ice_restart=True)
        async with attacked_all_along(peer, list(HOSTILE.values())):
            await peer.set_remote_description("answer", await viewer.answer_restart(offer))
            await until(lambda: peer.generation == 1)
            await pictures(viewer, 20)
        assert listener.state_names == ["connecting", "connected"]


async def test_a_flood_of_strangers_does_not_crowd_out_the_peer() -> None:
    listener, viewer = RecordingListener(), Viewer()
    peer = Peer("connection-1", ice_servers=[], listener=listener)
    try:
        offer = await peer.create_offer()
        answer = await viewer.answer(offer)
        with strangers() as made:
            for _ in range(40):
                attack(peer, made, [HOSTILE["DTLS garbage"]] * 100)
                await asyncio.sleep(0)
        await until_refused(peer, MAX_WAITING_DATAGRAMS + 1)
        assert peer.ice_agents[0].waiting_datagrams == 0
        await peer.set_remote_description("answer", answer)
        await listener.until_state("connected")
    finally:
        await peer.close()
        await viewer.close()


async def test_no_line_is_logged_for_a_stranger_s_datagram(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with connected_with(Viewer()) as (peer, _, _):
        caplog.clear()
        with strangers() as made:
            attack(peer, made, list(HOSTILE.values()) * 3)
        await until_refused(peer, 3 * len(HOSTILE))
        assert caplog.messages == []
    assert any("datagrams of other senders than the peer were refused" in line for line in caplog.messages)


async def test_the_address_of_an_older_generation_ends_with_it() -> None:
    async with restartable_peers() as (peer, listener, viewer), pushing(peer, listener):
        (old,) = peer.ice_agents
        pair = old.selected_pair
        assert pair is not None
        answer = await viewer.answer_restart(await peer.create_offer(ice_restart=True))
        assert cast(CheckedProtocol, pair.protocol).accepts_data_from(
            pair.remote_addr
        )  # while the restart looks for a path
        await peer.set_remote_description("answer", answer)
        await until(lambda: peer.generation == 1)
        await pictures(viewer)
        (new,) = peer.ice_agents
        assert new.selected_pair is not None
        accepted = [
            remote
            for remote in (pair.remote_addr, new.selected_pair.remote_addr)
            if any(protocol.accepts_data_from(remote) for protocol in protocols_of(new))
        ]
        assert accepted == [new.selected_pair.remote_addr]


async def test_a_datagram_right_after_the_peer_s_check_is_not_lost() -> None:
    """A check with the password is enough, before ours succeeded and even before its description is there."""
    peer = Peer("connection-1", ice_servers=[], listener=RecordingListener())
    await peer.create_offer()
    (agent,) = peer.ice_agents
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes.update({"USERNAME": f"{agent.local_username}:peer", "PRIORITY": 1, "ICE-CONTROLLING": 1})
    request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(agent.local_password.encode())
    hello = client_hello()
    with strangers() as made:
        host, port = next(each for each in sockets_of(peer) if each[0] == "127.0.0.1")
        made[4].send(bytes(request), (host, port))
        made[4].send(hello, (host, port))
        await until(lambda: agent.waiting_datagrams == 1)
    assert agent._queue.get_nowait() == (hello, 1)
    await peer.close()


async def test_a_viewer_s_restart_is_as_safe() -> None:
    async with connected_with(RestartingViewer()) as (peer, listener, viewer), pushing(peer, listener):
        async with attacked_all_along(peer, list(HOSTILE.values())):
            await peer.set_remote_description("offer", await viewer.offer_restart())
            await viewer.take_restart_answer(await peer.create_answer())
            await until(lambda: peer.generation == 1)
            await pictures(viewer)
        assert listener.state_names == ["connecting", "connected"]
