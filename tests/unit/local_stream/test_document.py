"""docs/local-stream.md and the schemas describe the program."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from websockets.exceptions import ConnectionClosed

from sidecar.connections.policy import ConnectionPolicy
from sidecar.local_stream import messages
from sidecar.local_stream.messages import HEADER_SIZE, MessageError, MessageType, description_payload, header, parse
from sidecar.local_stream.origins import AllowedOrigins
from sidecar.local_stream.policy import LocalStreamPolicy
from sidecar.local_stream.server import Invitation, LocalServer
from sidecar.media.codec import StreamDescription
from tests.support.invitation_listener import RecordingListener
from tests.support.local_stream_document import (
    binary_examples,
    header_fields,
    json_lines,
    limits,
    table,
)
from tests.support.local_viewer import LocalViewer, local_viewer

CLOSE_CODES = {row[0] for row in table("Closing")[1:]}
SCHEMAS = Path(__file__).resolve().parents[3] / "schemas/local_stream"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["h264", "jpeg"]),
    lambda values: st.lists(values, max_size=3),
)
OBJECTS = st.dictionaries(st.sampled_from(["received", "keyframe", "codec", "ack"]), ANYTHING)


def schema(name: str) -> Draft7Validator:
    read = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft7Validator.check_schema(read)
    return Draft7Validator(read)


def is_accepted(message: str) -> bool:
    try:
        parse(message)
    except MessageError:
        return False
    return True


def unpacked(message: bytes) -> dict[str, Any]:
    """Return the fields of a message, read by the document's table."""
    fields = header_fields()
    layout = struct.Struct(">" + "".join(field.format for field in fields))
    return dict(zip([field.name for field in fields], layout.unpack_from(message), strict=True))


def test_the_fields_of_the_header_follow_each_other_and_fill_it() -> None:
    fields = header_fields()
    assert [field.offset for field in fields] == [sum(each.size for each in fields[:i]) for i in range(len(fields))]
    assert [field.size for field in fields] == [struct.calcsize(">" + field.format) for field in fields]
    assert sum(field.size for field in fields) == HEADER_SIZE


@pytest.mark.parametrize("kind", MessageType)
@pytest.mark.parametrize("keyframe", [False, True])
def test_a_header_is_laid_out_as_the_table_says(kind: MessageType, keyframe: bool) -> None:
    data = header(kind, keyframe=keyframe, sequence=2**32 - 2, captured_at=100.0, monotonic=100.25, wall=5000.5)
    assert unpacked(data) == {
        "type": kind.value,
        "flags": int(keyframe),
        "reserved": 0,
        "sequence": 2**32 - 2,
        "timestamp": 100_000_000,
        "captured": 5_000_250_000,
        "sent": 5_000_500_000,
    }


def test_the_table_names_every_type_of_message() -> None:
    (meaning,) = [row[4] for row in table("Binary messages: sidecar to viewer") if row[2] == "type"]
    assert meaning.upper().replace("ACCESS UNIT", "ACCESS_UNIT").split(", ") == [
        f"{kind.value} {kind.name}" for kind in MessageType
    ]


@pytest.mark.parametrize(("message", "values"), binary_examples())
def test_the_bytes_of_an_example_are_its_values_and_those_that_the_sidecar_writes(
    message: bytes, values: dict[str, Any]
) -> None:
    payload = bytes.fromhex(values.pop("payload"))
    assert (unpacked(message), message[HEADER_SIZE:]) == (values, payload)
    wall, delay = values["sent"] / 1e6, (values["sent"] - values["captured"]) / 1e6
    captured_at = values["timestamp"] / 1e6
    written = header(
        MessageType(values["type"]),
        keyframe=values["flags"] == 1,
        sequence=values["sequence"],
        captured_at=captured_at,
        monotonic=captured_at + delay,
        wall=wall,
    )
    assert written + payload == message


def test_every_type_of_message_has_an_example() -> None:
    assert {values["type"] for _, values in binary_examples()} == {kind.value for kind in MessageType}


def test_a_description_is_as_its_schema_and_examples_say() -> None:
    description = schema("description")
    written = description_payload(StreamDescription("avc1.42c01f", b"\1\2\xff", 1280, 720))
    description.validate(json.loads(written))
    description.validate(json.loads("".join(json_lines("configuration"))))
    for message, values in binary_examples():
        if values["type"] == MessageType.DESCRIPTION:
            description.validate(json.loads(message[HEADER_SIZE:]))


@given(OBJECTS | ANYTHING)
def test_the_schema_allows_the_messages_that_the_sidecar_accepts(message: Any) -> None:
    assert schema("client_message").is_valid(message) == is_accepted(json.dumps(message))


async def test_the_server_accepts_the_documents_messages(invitation: Invitation, listener: RecordingListener) -> None:
    examples = json_lines("client")
    async with local_viewer(invitation.url) as viewer:
        for text in examples:
            assert schema("client_message").is_valid(json.loads(text))
            await viewer.socket.send(text)
        await listener.until(lambda: len(listener.messages) == len(examples))
    assert [message.received for message in listener.messages] == [
        json.loads(text).get("received") for text in examples
    ]


@pytest.mark.parametrize("text", json_lines("invalid"))
async def test_the_server_closes_with_1008_at_an_invalid_message(invitation: Invitation, text: str) -> None:
    assert not schema("client_message").is_valid(json.loads(text))
    async with local_viewer(invitation.url) as viewer:
        await viewer.socket.send(text)
        with pytest.raises(ConnectionClosed) as closed:
            await viewer.next()
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008


async def too_long(viewer: LocalViewer) -> None:
    await viewer.socket.send(" " * (messages.MAX_CLIENT_MESSAGE + 1))


async def not_utf8(viewer: LocalViewer) -> None:
    await viewer.socket.send(b"\xff", text=True)


async def reserved_opcode(viewer: LocalViewer) -> None:
    viewer.socket.transport.write(b"\x83\x80\0\0\0\0")


async def binary(viewer: LocalViewer) -> None:
    await viewer.socket.send(b"{}")


@pytest.mark.parametrize(
    ("send", "code"), [(too_long, 1009), (not_utf8, 1007), (reserved_opcode, 1002), (binary, 1008)]
)
async def test_the_server_closes_with_the_documents_codes(
    invitation: Invitation, send: Callable[[LocalViewer], Awaitable[None]], code: int
) -> None:
    assert str(code) in CLOSE_CODES
    async with local_viewer(invitation.url) as viewer:
        await send(viewer)
        with pytest.raises(ConnectionClosed) as closed:
            await viewer.next()
        assert closed.value.rcvd is not None and closed.value.rcvd.code == code


async def test_the_server_closes_with_1011_without_a_pong(listener: RecordingListener) -> None:
    server = LocalServer(policy=LocalStreamPolicy(ping_interval=0.05, ping_timeout=0.05))
    invitation = await server.invite(listener)
    async with local_viewer(invitation.url) as viewer:
        viewer.socket.transport.pause_reading()
        await listener.until(lambda: listener.reasons)
        viewer.socket.transport.resume_reading()
        with pytest.raises(ConnectionClosed) as closed:
            await viewer.next()
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1011
    await server.withdraw(invitation, "the test ends")


def test_no_other_close_code_is_documented() -> None:
    assert {"1000", "1002", "1007", "1008", "1009", "1011"} == CLOSE_CODES


def test_the_origins_of_the_document_are_allowed() -> None:
    (row,) = [value for name, value in table("Handshake") if name == "`Origin`"]
    origins = re.findall(r"`([a-z]+://[^`]+)`", row)
    assert len(origins) == 6
    assert all(AllowedOrigins().allows([origin]) for origin in origins)


def test_the_limits_are_those_of_the_program() -> None:
    policy = LocalStreamPolicy()
    assert limits() == {
        "a viewer's message": messages.MAX_CLIENT_MESSAGE,
        "messages of a viewer that wait to be read": policy.max_waiting_messages,
        "time for the opening handshake": policy.handshake_timeout,
        "sockets in the opening handshake; the oldest is closed when another one comes": policy.max_pending_handshakes,
        "unacknowledged pictures": policy.max_unacknowledged,
        "age of the oldest unacknowledged picture": policy.max_age,
        "bytes that the system has not taken": policy.max_buffered,
        "time without progress before the viewer is disconnected": policy.stall_timeout,
        "time for a viewer to connect": ConnectionPolicy().local_timeout,
        "interval of pings": policy.ping_interval,
        "time for the pong": policy.ping_timeout,
        "time for the closing handshake": policy.close_timeout,
    }
