"""Which ICE servers may be asked."""

from __future__ import annotations

import pytest

from sidecar.contract.errors import IceServerNotAllowedError, LimitExceededError
from sidecar.contract.types import IceServer
from sidecar.webrtc.ice.policy import IcePolicy
from sidecar.webrtc.ice.server_addresses import IceServerError, ServerPattern, parse_address
from sidecar.webrtc.ice.servers import MAX_SERVERS, parse_ice_servers
from tests.support.growth import MOST_GROWTH, growth


def policy(*patterns: str, peers: str = "any") -> IcePolicy:
    return IcePolicy("local" if peers == "local" else "any", tuple(ServerPattern.parse(each) for each in patterns))


def allows(pattern: str, url: str) -> bool:
    return ServerPattern.parse(pattern).matches(parse_address(url))


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("stun:stun.example.org", "stun:stun.example.org"),
        ("stun:stun.example.org", "STUN:Stun.Example.Org.:3478"),
        ("stun:stun.example.org:3478", "stun:stun.example.org"),
        ("turns:turn.example.org", "turns:turn.example.org:5349?transport=tcp"),
        ("turn:turn.example.org", "turn:turn.example.org?transport=udp"),
        ("turn:*.example.org:443?transport=tcp", "turn:a.b.example.org:443?transport=tcp"),
        ("stun:*", "stun:anything.example"),
        ("stun:192.168.*", "stun:192.168.7.7"),
        ("stun:[2001:db8::1]", "stun:[2001:0DB8:0:0::1]"),
        ("stun:[2001:db8:*]", "stun:[2001:db8::7]"),
    ],
)
def test_a_pattern_matches(pattern: str, url: str) -> None:
    assert allows(pattern, url)


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("stun:stun.example.org", "stuns:stun.example.org:3478"),
        ("turn:turn.example.org", "turn:turn.example.org:3479"),
        ("turn:turn.example.org", "turn:turn.example.org?transport=tcp"),
        ("turn:turn.example.org", "turns:turn.example.org:3478"),
        ("turn:*.example.org", "turn:example.org"),
        ("turn:*.example.org", "turn:evil.example"),
        ("turn:*.example.org", "turn:x.example.org.evil.example"),
        ("stun:192.168.*", "stun:192.168.evil.example"),
        ("stun:192.168.*", "stun:10.192.168.1"),
        ("stun:127.0.0.1", "stun:127.1"),
        ("stun:[2001:db8:*]", "stun:2001.example"),
        ("stun:a*a", "stun:a"),
        ("stun:a*b*b", "stun:ab"),
    ],
)
def test_a_pattern_does_not_match_a_server_that_differs_in_one_part(pattern: str, url: str) -> None:
    assert not allows(pattern, url)


def test_no_wildcard_reaches_beyond_the_host() -> None:
    for text in ("turn:*", "turn:**", "turn:*.*"):
        assert not allows(text, "turn:host.example:80")
        assert not allows(text, "turn:host.example?transport=tcp")
    for text in ("*:host", "turn:host:*", "turn:host?transport=*", "*"):
        with pytest.raises(IceServerError):
            ServerPattern.parse(text)


def test_matching_takes_linear_time() -> None:
    pattern = ServerPattern.parse("stun:" + "*a" * 20 + "b")
    assert growth(lambda size: parse_address("stun:" + "a" * size), pattern.matches) < MOST_GROWTH


def server(url: str) -> IceServer:
    return IceServer(urls=url, username="user", credential="sesame-open")


def test_without_a_pattern_any_server_may_be_asked() -> None:
    assert parse_ice_servers([server("turn:10.0.0.1:22")], policy())


def test_with_peers_local_only_servers_that_match_a_pattern_may_be_used() -> None:
    with pytest.raises(IceServerNotAllowedError):
        parse_ice_servers([server("stun:stun.example.org")], policy(peers="local"))
    assert parse_ice_servers([server("stun:stun.example.org")], policy("stun:stun.example.org", peers="local"))


def test_one_server_that_is_not_allowed_refuses_all() -> None:
    servers = [server("stun:stun.example.org"), server("turn:10.0.0.1:22?transport=tcp")]
    with pytest.raises(IceServerNotAllowedError) as refused:
        parse_ice_servers(servers, policy("stun:stun.example.org"))
    data = refused.value.data()
    assert data.details == {"server": "turn:10.0.0.1:22?transport=tcp"}
    assert "--allow-ice-server" in data.hint
    assert not data.retryable
    assert "sesame" not in str(data) + refused.value.message


def test_a_login_in_a_url_is_not_repeated() -> None:
    with pytest.raises(IceServerError) as refused:
        parse_ice_servers([server("turn:bob:sesame-open@turn.example.org")], policy())
    assert "sesame" not in str(refused.value)


def test_a_connection_has_no_more_than_so_many_servers() -> None:
    urls = [f"stun:host-{number}" for number in range(MAX_SERVERS + 1)]
    assert parse_ice_servers([server(url) for url in urls[:-1]], policy())
    with pytest.raises(LimitExceededError) as refused:
        parse_ice_servers([server(url) for url in urls], policy())
    assert refused.value.details == {"limit": "ice_servers", "maximum": MAX_SERVERS}
