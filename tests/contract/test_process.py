"""The process as its parent sees it: its start, its service and its end."""

from __future__ import annotations

import json

from sidecar.contract.methods import METHODS
from tests.support.contract_schemas import SCHEMAS, check_notification, check_response
from tests.support.sidecar_process import RawProcess, raw_process, sidecar_command

PING = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'


def test_the_first_line_says_that_it_is_ready(sidecar_program: str | None) -> None:
    with raw_process(sidecar_command(sidecar_program)) as process:
        ready = process.receive()
        check_notification(ready)
        assert ready["method"] == "ready"
        assert sidecar_program or ready["params"]["pid"] == process.process.pid


def test_requests_that_were_there_before_it_started_are_answered_before_it_ends(sidecar_program: str | None) -> None:
    with raw_process(sidecar_command(sidecar_program)) as process:
        process.send(PING + b"\n" + PING.replace(b'"id":1', b'"id":2'))
        process.end_input()
        assert process.wait() == 0
        assert [message.get("id") for message in process.pending()] == [None, 1, 2]


def test_shutdown_is_answered_and_then_the_process_ends_with_a_camera_open(sidecar_program: str | None) -> None:
    with raw_process(sidecar_command(sidecar_program)) as process:
        process.send(
            b'{"jsonrpc":"2.0","id":1,"method":"start_streaming","params":'
            b'{"deviceId":"test:pattern","format":{"width":320,"height":180}}}\n'
        )
        assert "result" in process.answer_when_streaming(1)  # before, an end may have to wait for imports
        process.send(b'{"jsonrpc":"2.0","id":2,"method":"shutdown"}\n')
        check_response(process.answer(2), "shutdown")
        assert process.wait() == 0


def test_every_method_of_the_contract_is_served(raw_sidecar: RawProcess) -> None:
    # A superfluous parameter: the method is not run, and only an existing method reports the parameter.
    for number, method in enumerate(METHODS):
        params = [None] * (len(method.params.model_fields) + 1)
        request = {"jsonrpc": "2.0", "id": number, "method": method.name, "params": params}
        raw_sidecar.send(json.dumps(request).encode() + b"\n")
        assert raw_sidecar.answer(number)["error"]["code"] == -32602, method.name


def test_what_is_discovered_is_the_document_in_the_tree(raw_sidecar: RawProcess) -> None:
    raw_sidecar.send(b'{"jsonrpc":"2.0","id":"discover","method":"rpc.discover"}\n')
    in_the_tree = json.loads((SCHEMAS / "openrpc.json").read_text(encoding="utf-8"))
    assert raw_sidecar.answer("discover")["result"] == in_the_tree
