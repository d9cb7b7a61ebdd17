"""The running program speaks the protocol of docs/local-stream.md."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.contract_schemas import SCHEMAS, check_response
from tests.support.local_stream_document import header_fields, json_lines
from tests.support.sidecar_process import RawProcess

LIMIT = 10.0
"""Seconds for a message; far more than the first picture of the test pattern takes."""

ACCESS_UNIT, JPEG = 1, 2
LENGTH = struct.Struct(">I")


def start(process: RawProcess) -> Any:
    """Return the result of start_camera_local_session for the test pattern."""
    params = {"device_id": "test:pattern", "format": {"width": 320, "height": 180, "fps": 30}}
    request = {"jsonrpc": "2.0", "id": 1, "method": "start_camera_local_session", "params": params}
    process.send(json.dumps(request).encode() + b"\n")
    response = process.answer(1)
    check_response(response, "start_camera_local_session")
    return response["result"]


def receive(socket: ClientConnection) -> tuple[dict[str, int], bytes]:
    """Return the fields of the next message, by the document's table, and its payload."""
    message = socket.recv(LIMIT)
    assert isinstance(message, bytes)
    layout = struct.Struct(">" + "".join(field.format for field in header_fields()))
    names = [field.name for field in header_fields()]
    return dict(zip(names, layout.unpack_from(message), strict=True)), message[layout.size :]


def nal_unit_types(payload: bytes) -> list[int]:
    """Return the type of each NAL unit of an access unit's payload."""
    types = []
    while payload:
        (length,) = LENGTH.unpack_from(payload)
        types.append(payload[LENGTH.size] & 31)
        payload = payload[LENGTH.size + length :]
    return types


def test_a_viewer_that_keeps_to_the_document_gets_both_codecs(raw_sidecar: RawProcess) -> None:
    session = start(raw_sidecar)
    described = {key: session[key] for key in ("codec", "description", "width", "height")}
    schema = json.loads(Path(SCHEMAS, "local_stream/description.json").read_text(encoding="utf-8"))
    Draft7Validator(schema).validate(described)
    with connect(session["url"], compression=None) as socket:
        fields, payload = receive(socket)
        assert (fields["type"], fields["flags"], fields["reserved"], fields["sequence"]) == (ACCESS_UNIT, 1, 0, 0)
        assert 5 in nal_unit_types(payload) and not {7, 8} & set(nal_unit_types(payload))
        assert 0 < fields["sent"] - fields["captured"] < LIMIT * 1e6
        socket.send(json.dumps({"received": fields["sequence"], "codec": "jpeg"}))
        while fields["type"] != JPEG:
            previous, (fields, payload) = fields, receive(socket)
            assert fields["sequence"] == previous["sequence"] + 1
            assert fields["timestamp"] > previous["timestamp"]
            socket.send(json.dumps({"received": fields["sequence"]}))
        assert fields["flags"] == 1 and payload.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("text", json_lines("invalid"))
def test_an_invalid_message_ends_the_stream_with_1008(raw_sidecar: RawProcess, text: str) -> None:
    with connect(start(raw_sidecar)["url"], compression=None) as socket:
        socket.send(text)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                socket.recv(LIMIT)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008
