"""Reading RTSP messages from a byte stream."""

from __future__ import annotations

import random

import pytest

from sidecar.cameras.rtsp.errors import MalformedError, NotRtspError
from sidecar.cameras.rtsp.messages import (
    MAX_BODY,
    MAX_GARBAGE,
    MAX_HEAD,
    MAX_HEADERS,
    InterleavedFrame,
    Message,
    MessageReader,
    Request,
    Response,
    write_request,
)
from tests.support.growth import MOST_GROWTH, growth

OK = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"


def messages(data: bytes, step: int = 1 << 20) -> list[Message]:
    """Return the messages in the bytes, which arrive in pieces."""
    reader = MessageReader()
    reader.channels = frozenset((0, 1))
    found = []
    for at in range(0, len(data), step):
        reader.feed(data[at : at + step])
        while (message := reader.next()) is not None:
            found.append(message)
    return found


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1 << 20])
def test_messages_of_each_kind_are_read_however_they_are_cut(step: int) -> None:
    data = (
        b"RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Basic\r\nwww-authenticate: Digest\r\n\r\n"
        b"RTSP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nv=0\n"
        b"$\x00\x00\x03abc"
        b"REDIRECT rtsp://other/ RTSP/1.0\r\nCSeq: 9\r\nLocation: rtsp://other/\r\n\r\n"
    )
    refused, described, frame, redirect = messages(data, step)
    assert isinstance(refused, Response)
    assert refused.headers.all("WWW-Authenticate") == ["Basic", "Digest"]
    assert isinstance(described, Response)
    assert (described.status, described.body) == (200, b"v=0\n")
    assert frame == InterleavedFrame(0, b"abc")
    assert isinstance(redirect, Request)
    assert (redirect.method, redirect.headers.get("location")) == ("REDIRECT", "rtsp://other/")


def test_bare_line_feeds_and_folded_headers_are_read() -> None:
    (message,) = messages(b"RTSP/1.0 200 OK\nSession: 1;\n timeout=5\n\n")
    assert isinstance(message, Response)
    assert message.headers.get("Session") == "1; timeout=5"


def test_bytes_that_belong_to_no_message_are_skipped_after_the_first_one() -> None:
    frame = b"$\x00\x00\x0c\x80" + bytes(11)
    assert len(messages(OK + b"\x00$\x07garbage R RTSP/" + frame + OK)) == 3


@pytest.mark.parametrize(
    "data",
    [
        b"RTSP/1.0 200 OK\r\nX: " + b"x" * (MAX_HEAD + 1),
        b"RTSP/1.0 200 OK\r\n" + b"X: y\r\n" * (MAX_HEADERS + 1) + b"\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1),
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"RTSP/1.0 twenty OK\r\n\r\n",
        OK + b"\0" * (MAX_GARBAGE + 1),
    ],
)
def test_a_message_that_breaks_a_limit_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        messages(data, 4096)


@pytest.mark.parametrize(("data", "protocol"), [(b"HTTP/1.0 200", "HTTP"), (b"SSH-2", "another protocol")])
def test_another_protocol_is_recognised_by_its_first_bytes(data: bytes, protocol: str) -> None:
    with pytest.raises(NotRtspError) as caught:
        messages(data)
    assert caught.value.protocol == protocol


def test_a_line_break_never_gets_into_a_request() -> None:
    with pytest.raises(MalformedError):
        write_request("DESCRIBE", "rtsp://a/\r\nX: y", 1, [])
    with pytest.raises(MalformedError):
        write_request("DESCRIBE", "rtsp://a/", 1, [("Session", "1\nX: y")])


@pytest.mark.parametrize(
    "pattern",
    [b"X: y\r\n", b"RTSP/1.0 200 OK\r\n", b"\r\n", b"\n\r", b" ", b"$", b"$\x00\x00\x00", b"RO", b"\0", b"RTSP"],
)
def test_reading_takes_linear_time(pattern: bytes) -> None:
    def read(data: bytes) -> None:
        try:
            messages(OK + data, 64)
        except MalformedError:
            return

    assert growth(lambda size: pattern * size, read) < MOST_GROWTH


def test_random_bytes_give_messages_or_the_declared_errors() -> None:
    source = random.Random(1)
    pieces = [
        OK,
        b"$\x00",
        b"\r\n\r\n",
        b"RTSP/1.0 ",
        b"Content-Length: 5\r\n",
        b"OPTIONS * RTSP/1.0\r\n",
        b"$\x01\x00\x04",
    ]
    for _ in range(2000):
        data = OK + b"".join(source.choice([*pieces, source.randbytes(9)]) for _ in range(source.randint(1, 12)))
        try:
            messages(data, source.randint(1, 40))
        except (MalformedError, NotRtspError):
            continue
