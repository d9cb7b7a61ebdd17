"""The URLs of STUN and TURN servers."""

from __future__ import annotations

import pytest

from sidecar.contract.types import IceServer
from sidecar.webrtc.ice.servers import IceServerError, StunServer, TurnServer, parse_ice_servers


def parse(
    *urls: str, username: str | None = "user", credential: str | None = "secret"
) -> list[StunServer | TurnServer]:
    return parse_ice_servers([IceServer(urls=list(urls), username=username, credential=credential)])


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("stun:stun.example.org", StunServer("stun.example.org", 3478)),
        ("STUN:stun.example.org:19302", StunServer("stun.example.org", 19302)),
        ("stuns:stun.example.org", StunServer("stun.example.org", 5349)),
        ("stun:[2001:db8::1]:3479", StunServer("2001:db8::1", 3479)),
        ("turn:192.0.2.1", TurnServer("192.0.2.1", 3478, "udp", "user", "secret")),
        ("turn:192.0.2.1:80?transport=tcp", TurnServer("192.0.2.1", 80, "tcp", "user", "secret")),
        ("turns:turn.example.org", TurnServer("turn.example.org", 5349, "tls", "user", "secret")),
        ("turns:turn.example.org:443?transport=tcp", TurnServer("turn.example.org", 443, "tls", "user", "secret")),
    ],
)
def test_a_url_names_a_server(url: str, server: StunServer | TurnServer) -> None:
    assert parse(url) == [server]


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
    ],
)
def test_what_is_no_url_of_a_server_is_refused(url: str) -> None:
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
