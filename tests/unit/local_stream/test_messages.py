from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.local_stream.messages import (
    HEADER_SIZE,
    MessageError,
    MessageType,
    description_payload,
    header,
    parse,
)
from sidecar.media.codec import StreamDescription
from tests.support.local_viewer import parse as parse_as_viewer


def test_a_header_has_the_capture_time_on_both_clocks() -> None:
    data = header(MessageType.JPEG, keyframe=True, sequence=9, captured_at=100.0, monotonic=100.25, wall=5000.5)
    message = parse_as_viewer(data + b"picture")
    assert (message.type, message.keyframe, message.sequence) == (2, True, 9)
    assert (message.timestamp, message.captured, message.sent) == (100_000_000, 5_000_250_000, 5_000_500_000)
    assert message.payload == b"picture"
    assert len(data) == HEADER_SIZE == 32


def test_a_description_is_json() -> None:
    payload = json.loads(description_payload(StreamDescription("avc1.42c01f", b"\1\2\xff", 1280, 720)))
    assert base64.b64decode(payload.pop("description")) == b"\1\2\xff"
    assert payload == {"codec": "avc1.42c01f", "width": 1280, "height": 720}


def test_a_viewers_message_may_have_several_members() -> None:
    message = parse('{"received": 4294967295, "keyframe": true, "codec": "jpeg"}')
    assert (message.received, message.keyframe, message.codec) == (2**32 - 1, True, "jpeg")
    assert parse("{}").received is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        '{"received": -1}',
        '{"received": 4294967296}',
        '{"received": "1"}',
        '{"received": 1.5}',
        '{"codec": "vp8"}',
        '{"keyframe": 1}',
        '{"unknown": 1}',
    ],
)
def test_an_invalid_message_is_an_error(text: str) -> None:
    with pytest.raises(MessageError):
        parse(text)


@given(st.text() | st.binary() | st.recursive(st.integers() | st.text(), st.lists).map(json.dumps))
def test_every_text_is_a_message_or_an_error(data: str | bytes) -> None:
    try:
        parse(data)
    except MessageError:
        return
    assert isinstance(data, str)
