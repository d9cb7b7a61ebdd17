"""Relayed candidates from a real TURN server, over udp, tcp and tls, and a connection through a relay alone."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from av import VideoFrame

from sidecar.contract.types import IceCandidate, IceServer
from sidecar.webrtc.ice.policy import IcePolicy, IceTimings
from sidecar.webrtc.peer import Peer
from tests.support.busy_machine import SLACK
from tests.support.coturn import RELAY_PORTS, USERNAME, Coturn, coturn, needs_coturn
from tests.support.peers import PATIENCE, RecordingListener, Viewer, pushing

pytestmark = needs_coturn

PROTOCOLS = {
    "udp": "turn:127.0.0.1:{port}",
    "tcp": "turn:127.0.0.1:{port}?transport=tcp",
    "tls": "turns:127.0.0.1:{tls_port}",
}


PICTURES = 10

CLOSE_NOTIFY = bytes.fromhex("15fefd000000000000000700020100")
HANDSHAKE_FAILURE = bytes.fromhex("15fefd000000000000000700020228")


IMPATIENT = IcePolicy(timings=IceTimings(server_timeout=3.0))
"""A TURN server that gives no candidate delays the end of the candidates by 3 s."""


CLOSED_WITHIN = 1.0
"""Seconds for the end of a peer. A STUN transaction with a dead server lasts 30 s and more (RFC 8489, 6.2.1)."""


@pytest.fixture
def trusted(turn_server: Coturn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system trusts the server's certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(turn_server.certificate))


async def gathered(*servers: IceServer) -> list[IceCandidate]:
    listener = RecordingListener()
    peer = Peer("connection-1", ice_servers=servers, ice_policy=IMPATIENT, listener=listener)
    await peer.create_offer()
    await listener.until(lambda: None in listener.candidates, timeout=15)
    await peer.close()
    return [candidate for candidate in listener.candidates if candidate is not None]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_relayed_candidate_is_trickled(turn_server: Coturn, protocol: str) -> None:
    (candidate,) = await gathered(turn_server.ice_server(PROTOCOLS[protocol]))
    words = candidate.candidate.split()
    assert (words[4], words[7]) == ("127.0.0.1", "relay")
    assert int(words[5]) in RELAY_PORTS


@pytest.mark.usefixtures("trusted")
async def test_several_urls_give_several_relays_the_cheapest_first(turn_server: Coturn) -> None:
    candidates = await gathered(turn_server.ice_server(*PROTOCOLS.values()))
    by_priority = sorted((candidate.candidate.split() for candidate in candidates), key=lambda words: -int(words[3]))
    assert len({words[3] for words in by_priority}) == 3


async def test_a_server_whose_certificate_nobody_trusts_gives_none(
    turn_server: Coturn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="sidecar")
    assert await gathered(turn_server.ice_server(PROTOCOLS["tls"])) == []
    assert "certificate verify failed" in caplog.text


@pytest.mark.usefixtures("trusted")
async def test_a_certificate_for_another_name_gives_none(turn_server: Coturn) -> None:
    assert await gathered(turn_server.ice_server("turns:localhost:{tls_port}")) == []


async def test_wrong_credentials_give_none(turn_server: Coturn) -> None:
    url = PROTOCOLS["udp"].format(port=turn_server.port)
    assert await gathered(IceServer(urls=url, username=USERNAME, credential="wrong")) == []


async def picture(viewer: Viewer) -> VideoFrame:
    assert viewer.track is not None
    frame = await asyncio.wait_for(viewer.track.recv(), PATIENCE)
    assert isinstance(frame, VideoFrame)
    return frame


@asynccontextmanager
async def through_a_relay(server: IceServer) -> AsyncIterator[tuple[Peer, RecordingListener, Viewer]]:
    """Connected peers; the sidecar's peer has asked the server and trickled its candidates."""
    listener, viewer = RecordingListener(), Viewer()
    peer = Peer("connection-1", ice_servers=[server], ice_policy=IMPATIENT, listener=listener)
    offer = await peer.create_offer()
    answer = await viewer.answer(offer)
    await peer.set_remote_description("answer", answer)
    await listener.until_state("connected", timeout=15)
    try:
        yield peer, listener, viewer
    finally:
        await peer.close()
        await viewer.close()


@pytest.mark.usefixtures("trusted", "only_relayed_packets")
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_connection_through_a_relay_alone(turn_server: Coturn, protocol: str) -> None:
    async with through_a_relay(turn_server.ice_server(PROTOCOLS[protocol])) as (peer, listener, viewer):
        async with pushing(peer, listener):
            frame = await picture(viewer)
        assert frame.width
        pair = peer.stats().candidate_pair
        assert pair is not None
        assert (pair.local.type, pair.local.protocol) == ("relay", protocol)
        assert pair.local.port in RELAY_PORTS


async def test_a_relay_is_given_back_in_the_end(tmp_path: Path) -> None:
    async with coturn(tmp_path, ["--user-quota=1"]) as server:
        ice_server = server.ice_server(PROTOCOLS["udp"])
        assert await gathered(ice_server)
        # The server cleans up once a second; an allocation that was not given back would stay for ten minutes.
        async with asyncio.timeout(PATIENCE):
            while not await gathered(ice_server):
                pass


@pytest.mark.usefixtures("trusted", "only_relayed_packets")
async def test_a_stranger_s_datagrams_through_a_relay_end_nothing(
    turn_server: Coturn, caplog: pytest.LogCaptureFixture
) -> None:
    """A permission is for an IP address (RFC 8656, 9): another program at the viewer's address gets through."""
    caplog.set_level("INFO", logger="sidecar")
    ice_server = turn_server.ice_server(PROTOCOLS["udp"])
    async with through_a_relay(ice_server) as (peer, listener, viewer):
        async with pushing(peer, listener):
            await picture(viewer)
            pair = peer.stats().candidate_pair
            assert pair is not None
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                for _ in range(PICTURES):
                    for data in (CLOSE_NOTIFY, HANDSHAKE_FAILURE, b"\x80\xc8" + bytes(40)):
                        stranger.sendto(data, (pair.local.address, pair.local.port))
                    await picture(viewer)
            assert listener.state_names == ["connecting", "connected"]
        await peer.close()
    refused = re.search(r"(\d+) datagrams of other senders than the peer were refused", caplog.text)
    assert refused is not None
    assert int(refused[1]) >= PICTURES


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_server_that_died_does_not_hold_up_the_end(turn_server: Coturn, protocol: str) -> None:
    tasks, connections = asyncio.all_tasks(), len(psutil.Process().net_connections("inet"))
    listener = RecordingListener()
    peer = Peer(
        "connection-1",
        ice_servers=[turn_server.ice_server(PROTOCOLS[protocol])],
        ice_policy=IMPATIENT,
        listener=listener,
    )
    await peer.create_offer()
    await listener.until(lambda: len(listener.candidates) == 2)
    turn_server.freeze()
    begun = time.monotonic()
    await peer.close()
    assert time.monotonic() - begun < CLOSED_WITHIN + SLACK
    for _ in range(3):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == tasks
    assert len(psutil.Process().net_connections("inet")) == connections


async def test_a_real_stun_server_behind_a_nat_gives_a_reflexive_candidate(turn_server: Coturn) -> None:
    async with nat(turn_server.port) as port:
        candidates = await gathered(turn_server.ice_server(f"stun:127.0.0.1:{port}"))
    assert candidates
    assert {candidate.candidate.split()[7] for candidate in candidates} == {"srflx"}


@asynccontextmanager
async def nat(server_port: int) -> AsyncIterator[int]:
    """A port that leads to the server; the server sees each client at a port of the NAT's own."""
    loop = asyncio.get_running_loop()
    inside = _Inside(server_port)
    transport, _ = await loop.create_datagram_endpoint(lambda: inside, local_addr=("127.0.0.1", 0))
    try:
        port: int = transport.get_extra_info("sockname")[1]
        yield port
    finally:
        transport.close()
        for each in inside.outside:
            each.close()


class _Inside(asyncio.DatagramProtocol):
    def __init__(self, server_port: int) -> None:
        self.outside: list[asyncio.BaseTransport] = []
        self._server_port = server_port
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        task = asyncio.ensure_future(self._forward(data, addr))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _forward(self, data: bytes, client: Any) -> None:
        inside = self._transport

        class Outside(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: Any) -> None:
                inside.sendto(data, client)

        loop = asyncio.get_running_loop()
        server = ("127.0.0.1", self._server_port)
        transport, _ = await loop.create_datagram_endpoint(Outside, remote_addr=server)
        self.outside.append(transport)
        transport.sendto(data)
