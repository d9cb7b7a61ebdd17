"""The URLs of STUN and TURN servers."""

from __future__ import annotations

import pytest

from sidecar.contract.types import IceServer
from sidecar.webrtc.ice.policy import IcePolicy
from sidecar.webrtc.ice.server_addresses import IceServerError, ServerAddress
from sidecar.webrtc.ice.servers import Server, parse_ice_servers


def parse(*urls: str, username: str | None = "user", credential: str | None = "secret") -> list[Server]:
    return parse_ice_servers([IceServer(urls=list(urls), username=username, credential=credential)], IcePolicy())


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("stun:stun.example.org", ServerAddress("stun", "stun.example.org", 3478, "udp")),
        ("STUN:stun.example.org:19302", ServerAddress("stun", "stun.example.org", 19302, "udp")),
        ("stuns:Stun.Example.org.", ServerAddress("stuns", "stun.example.org", 5349, "udp")),
        ("stun:[2001:DB8:0::1]:3479", ServerAddress("stun", "2001:db8::1", 3479, "udp")),
    ],
)
def test_a_stun_url_names_a_server(url: str, address: ServerAddress) -> None:
    assert parse(url) == [Server(address)]


@pytest.mark.parametrize(
    ("url", "address", "protocol"),
    [
        ("turn:192.0.2.1", ServerAddress("turn", "192.0.2.1", 3478, "udp"), "udp"),
        ("turn:192.0.2.1:80?transport=tcp", ServerAddress("turn", "192.0.2.1", 80, "tcp"), "tcp"),
        ("turns:turn.example.org", ServerAddress("turns", "turn.example.org", 5349, "tcp"), "tls"),
        ("turns:turn.example.org:443?transport=tcp", ServerAddress("turns", "turn.example.org", 443, "tcp"), "tls"),
    ],
)
def test_a_turn_url_names_a_server(url: str, address: ServerAddress, protocol: str) -> None:
    (server,) = parse(url)
    assert server == Server(address, "user", "secret")
    assert server.protocol == protocol


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "stun:",
        "stun:host:port",
        "stun:host:0",
        "stun:host:70000",
        "stun:host?transport=udp",
        "turn:host?transport=sctp",
        "turns:host?transport=udp",
        "stun:ho st",
        "stun://host",
        "stun:*.example.org",
        "stun:[::::]",
        "stun:[192.0.2.1]",
        "stun:h\u00f6st",
        "\u017ftun:host",
        "stun:host\x1b[2J",
    ],
)
def test_an_invalid_url_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(IceServerError):
        parse(url)


def test_turn_needs_credentials_and_stun_does_not() -> None:
    assert parse("stun:host", username=None, credential=None)
    with pytest.raises(IceServerError):
        parse("turn:host", credential=None)
    with pytest.raises(IceServerError):
        parse("turn:host", username=None)


def test_each_server_is_asked_once() -> None:
    assert len(parse("stun:host", "stun:host:3478", "stuns:host")) == 2


def test_a_credential_is_not_shown() -> None:
    assert "secret" not in repr(parse("turn:host"))
