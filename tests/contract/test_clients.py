"""JSON-RPC clients of others talk to the running sidecar: requests, errors, batches and notifications."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonrpcclient import Error, Ok, parse, request, request_uuid
from jsonrpcclient.requests import notification

from tests.support.contract_schemas import check_response
from tests.support.node import NODE_MODULES, why_no_node_modules
from tests.support.sidecar_process import ROOT, RawProcess, sidecar_command

CLIENTS = Path(__file__).parent / "clients"
NEW = {"connection_state": "new", "ice_connection_state": "new", "ice_gathering_state": "new"}

needs_node = pytest.mark.skipif(why_no_node_modules() is not None, reason=str(why_no_node_modules()))


def talk(client: str, program: str | None, folder: Path = ROOT) -> Any:
    """Return the report of a client in JavaScript about its conversation with the sidecar."""
    command = ["node", str(CLIENTS / client), *sidecar_command(program)]
    environment = {**NODE_MODULES, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@needs_node
def test_vscode_jsonrpc_with_a_reader_and_a_writer_of_lines_drives_the_sidecar(sidecar_program: str | None) -> None:
    talked = talk("vscode.mjs", sidecar_program)
    assert talked["server"]["name"] == "camera-sidecar"
    assert (talked["error"]["code"], talked["error"]["data"]["kind"]) == (1001, "camera_not_found")
    assert talked["atOnce"] == [NEW] * 50
    assert "wall_ms" in talked["notCancelled"]
    assert {"ready", "stats"} <= set(talked["seen"])
    assert talked["exitCode"] == 0


@needs_node
def test_json_rpc_2_0_drives_the_sidecar(sidecar_program: str | None) -> None:
    talked = talk("json_rpc_2.mjs", sidecar_program)
    assert talked["server"]["name"] == "camera-sidecar"
    assert (talked["error"]["code"], talked["error"]["data"]["kind"]) == (1101, "connection_not_found")
    assert [answer["id"] for answer in talked["batch"]] == ["one", 2, "three"]
    assert talked["batch"][2]["error"]["code"] == -32601
    assert talked["atOnce"] == [NEW] * 50
    assert (talked["seen"], talked["stats"]["cameras"]) == (["camera-sidecar"], [])
    assert talked["exitCode"] == 0


def test_jsonrpcclient_drives_the_sidecar(raw_sidecar: RawProcess) -> None:
    def ask(message: Any) -> Any:
        raw_sidecar.send(json.dumps(message).encode() + b"\n")
        answer = raw_sidecar.answer(message["id"])
        check_response(answer, message["method"])
        return parse(answer)

    server = ask(request("initialize", params={"client_name": "jsonrpcclient"}))
    assert isinstance(server, Ok)
    assert server.result["name"] == "camera-sidecar"
    error = ask(request_uuid("close_connection", params=("none",)))
    assert isinstance(error, Error)
    assert (error.code, error.data["kind"]) == (1101, "connection_not_found")

    batch = [request("ping", id="first"), notification("ping"), request("nothing", id="last")]
    raw_sidecar.send(json.dumps(batch).encode() + b"\n")
    first, last = map(parse, raw_sidecar.receive())
    assert isinstance(first, Ok)
    assert isinstance(last, Error)
    assert (first.id, last.id, last.code) == ("first", "last", -32601)
