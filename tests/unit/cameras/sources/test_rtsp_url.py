"""Parsing rtsp: URLs into parts, in canonical form."""

from __future__ import annotations

import pytest

from sidecar.cameras.sources.rtsp_url import RtspSource
from sidecar.cameras.sources.syntax import MAX_LENGTH, SourceSyntaxError
from tests.support.growth import MOST_GROWTH, growth


def refused(text: str) -> str:
    with pytest.raises(SourceSyntaxError) as caught:
        RtspSource.parse(text)
    return str(caught.value)


def test_a_url_is_divided_into_its_parts() -> None:
    source = RtspSource.parse("RTSP://Bob:p%40ss@Cam.Example:8554/a/b?channel=1&transport=udp&key=x")
    assert (source.host, source.port, source.path) == ("cam.example", 8554, "/a/b")
    assert (source.query, source.transport) == ("channel=1&key=x", "udp")
    assert (source.user, source.password) == ("Bob", "p@ss")
    assert source.request_url == "rtsp://cam.example:8554/a/b?channel=1&key=x"


@pytest.mark.parametrize(
    "password", ["p@ss:w0rd", "^{x}|y", "a%23b", "%2F%3F%40%25%20", "1/2".replace("/", "%2f"), "é", "*[1]", "'\"<>"]
)
def test_a_password_passes_as_it_is_or_encoded(password: str) -> None:
    source = RtspSource.parse(f"rtsp://admin:{password}@10.0.0.7/x")
    assert (source.host, source.user) == ("10.0.0.7", "admin")
    assert source.password
    assert "%" not in source.password.replace("%", "", 1)
    assert RtspSource.parse(f"rtsp://{source.user}@10.0.0.7/x").password is None


@pytest.mark.parametrize(
    ("password", "encoded"),
    [
        ("a#b", "%23"),
        ("a/b", "%2F"),
        ("a?b", "%3F"),
        ("1/b", "%2F"),
        ("1?b", "%3F"),
        ("50%", "%25"),
        ("a b", "%20"),
        ("a\\b", "%5C"),
        ("%zz", "%25"),
    ],
)
def test_a_character_that_a_password_cannot_hold_gets_a_hint_how_to_encode_it(password: str, encoded: str) -> None:
    hint = refused(f"rtsp://admin:{password}@cam/x")
    assert encoded in hint
    assert password not in hint


@pytest.mark.parametrize(
    "other",
    [
        "RTSP://user:pw@CAM.example/A/x?q=1",
        "rtsp://user:pw@cam.example:554/A/x?q=1",
        "rtsp://user:pw@cam.example.:0554/A/x?q=1",
        "rtsp://user:pw@cam.example:/%41/x?%71=1",
        "rtsp://%75ser:p%77@cam.example/A/x?q=1&transport=tcp",
    ],
)
def test_spellings_of_one_url_are_one_source(other: str) -> None:
    source = RtspSource.parse("rtsp://user:pw@cam.example/A/x?q=1")
    assert RtspSource.parse(other) == source
    assert RtspSource.parse(other).key == source.key
    assert hash(RtspSource.parse(other)) == hash(source)


@pytest.mark.parametrize(
    "other",
    [
        "rtsp://user:pX@cam/A",
        "rtsp://cam/A",
        "rtsp://user:pw@cam/a",
        "rtsp://user:pw@cam:555/A",
        "rtsp://user:pw@cam/A?",
        "rtsp://user:pw@cam/A?x",
    ],
)
def test_other_parts_are_another_source(other: str) -> None:
    assert (RtspSource.parse(other) == RtspSource.parse("rtsp://user:pw@cam/A")) is other.endswith("A?")


@pytest.mark.parametrize(
    "host",
    [
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "127.1",
        "127.0.0.01",
        "0177.0.0.1",
        "127.0.0.1.",
        "1.2.3.4.5",
        "256.0.0.1",
        "[::1",
        "[::1]x",
        "[fe80::1%25eth0]",
        "[fe80::1%eth0]",
        "[127.0.0.1]",
        "",
        "-a.example",
        "a..b",
        ".",
        "a%2eb",
        "a_b!",
        "müller.example",
        "１２７.0.0.1",
        "cam;x",
        "cam,b",
        "a" * 64,
        "x\u200by",
    ],
)
def test_a_host_that_is_no_name_and_no_plain_address_is_refused(host: str) -> None:
    refused(f"rtsp://{host}/x")


@pytest.mark.parametrize(
    ("host", "canonical"),
    [("[::FFFF:10.0.0.7]", "10.0.0.7"), ("[FD00:0::1]", "fd00::1"), ("a_b.example", "a_b.example"), ("X-1.", "x-1")],
)
def test_a_host_has_one_spelling(host: str, canonical: str) -> None:
    assert RtspSource.parse(f"rtsp://{host}/x").host == canonical


@pytest.mark.parametrize("port", ["0", "65536", "123456", "-1", "+5", "٥٥٤", "5 4", "0x22", "port", "554:1"])
def test_a_port_is_a_number(port: str) -> None:
    refused(f"rtsp://cam:{port}/x")


@pytest.mark.parametrize(
    "path",
    [
        "/a/../b",
        "/..",
        "/./a",
        "/a/%2e%2e/b",
        "/a/%2E./b",
        "/a/.%2e",
        "/a%2fb",
        "/a%2Fb",
        "/a%5cb",
        "/a\\b",
        "/a/%252e%252e/b",
        "/a/%25252e./b",
        "/a/%25%32%66b",
        "/a/%25%2532%2566b",
        "/a/..;x=1/b",
        "/a/..%3Bx/b",
        "/a/..%20/b",
        "/a/%c0%ae%c0%ae/b",
        "/a/%EF%BC%8E%EF%BC%8E/b",
        "/a/．．/b",
        "/a%EF%BC%8Fb",
        "/a/‥/b",
        "/a%00b",
        "/a%0d%0aX:1",
        "/a%",
        "/a%4",
        "/a%zz",
        "/a b",
        '/a"b',
        "/a<b>",
        "/a\u2028b",
        "/a\x1b[31m",
        "/\ud800",
    ],
)
def test_an_ambiguous_path_is_refused(path: str) -> None:
    refused(f"rtsp://cam{path}")


@pytest.mark.parametrize("path", ["", "/", "/a//b", "/a.b/..c/...", "/a[1]/(b)", "/a@b", "/a;b=1", "/a*b", "/{x}|y^z"])
def test_an_ordinary_path_stays_as_it_is(path: str) -> None:
    assert RtspSource.parse(f"rtsp://10.0.0.7{path}").path == path


def test_characters_outside_of_ascii_are_sent_encoded() -> None:
    assert RtspSource.parse("rtsp://cam/kä?x=ы").request_url == "rtsp://cam/k%C3%A4?x=%D1%8B"


def test_two_transports_are_refused_and_other_parameters_go_to_the_camera() -> None:
    assert "transport" in refused("rtsp://cam/x?transport=tcp&transport=udp")
    source = RtspSource.parse("rtsp://cam/x?transport=multicast")
    assert (source.query, source.transport) == ("transport=multicast", "auto")


def test_a_source_that_is_too_long_is_refused() -> None:
    RtspSource.parse("rtsp://cam/" + "x" * (MAX_LENGTH - 11))
    assert "2,048" in refused("rtsp://cam/" + "x" * (MAX_LENGTH - 10))


SECRET = "rtsp://bob:hunter2@cam/x?channel=1&key=topsecret"


def test_neither_the_display_nor_the_repr_of_a_source_tells_a_secret() -> None:
    source = RtspSource.parse(SECRET)
    assert source.hides
    assert source.display == "rtsp://cam/x?channel=1&***"
    for text in (source.display, repr(source), str(source), f"{[source]}", source.place):
        assert not any(secret in text for secret in ("bob", "hunter2", "topsecret"))


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("rtsp://cam:8554/b", "rtsp://cam:8554/b"),
        ("/b?y=2", "rtsp://cam:8554/b?y=2"),
        ("b", "rtsp://cam:8554/dir/b"),
        ("../b", "rtsp://cam:8554/b"),
        ("//other:1/b", "rtsp://other:1/b"),
        ("rtsp://mallory:guess@cam:8554/b", "rtsp://cam:8554/b"),
    ],
)
def test_a_redirect_is_read_relative_to_the_source(location: str, target: str) -> None:
    source = RtspSource.parse("rtsp://bob:hunter2@cam:8554/dir/a?x=1&transport=udp")
    redirected = source.redirected(location)
    assert redirected.request_url == target
    assert redirected.transport == "udp"


@pytest.mark.parametrize("location", ["rtsp://cam/b", "rtsp://other:8554/b", "rtsp://10.0.0.7:8554/b", "//cam:1/b"])
def test_a_redirect_to_another_host_or_port_leaves_the_login_behind(location: str) -> None:
    redirected = RtspSource.parse("rtsp://bob:hunter2@cam:8554/a").redirected(location)
    assert (redirected.user, redirected.password) == (None, None)


def test_a_redirect_within_the_server_keeps_the_login() -> None:
    redirected = RtspSource.parse("rtsp://bob:hunter2@cam/a").redirected("RTSP://CAM:554/b")
    assert (redirected.user, redirected.password, redirected.path) == ("bob", "hunter2", "/b")


@pytest.mark.parametrize(
    "location",
    [
        "http://cam/b",
        "rtsps://cam/b",
        "file:/etc/passwd",
        "rtsp://[::1",
        "/%2e%2e/b",
        "rtsp://0x7f.1/b",
        "/a\r\nX: 1",
        "rtsp://cam/" + "x" * MAX_LENGTH,
        "/b#c",
    ],
)
def test_a_redirect_to_a_malformed_address_is_refused(location: str) -> None:
    with pytest.raises(SourceSyntaxError):
        RtspSource.parse("rtsp://cam/a").redirected(location)


@pytest.mark.parametrize(
    "unit",
    ["%25", "a@", "/..", "?", "&a=b", ":", "[", "%", "./", "é", "transport=udp&", ";", "．", "0x", "1.", "*", "#"],
)
@pytest.mark.parametrize("prefix", ["rtsp://", "rtsp://u:p@cam/", "rtsp://cam/x?"])
def test_parsing_takes_linear_time(prefix: str, unit: str) -> None:
    def parse(text: str) -> None:
        try:
            RtspSource.parse(text, max_length=1 << 30)
        except SourceSyntaxError:
            return

    assert growth(lambda size: prefix + unit * size, parse, size=512) < MOST_GROWTH
