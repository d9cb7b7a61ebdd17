"""No valid request in any state is answered with -32603."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from tests.support.contract_schemas import SCHEMAS, check_response
from tests.support.schema_strategies import TEXT, values
from tests.support.sidecar_process import RawProcess

# Stand for the newest connection, session and description, which are known only once the sidecar runs.
CONNECTION, SESSION, SDP = "<connection>", "<session>", "<sdp>"

TEXTS = st.text(TEXT, min_size=1, max_size=20)
INSTEAD: dict[str, st.SearchStrategy[Any]] = {
    "device_id": st.sampled_from(["test:pattern", "camera-0", "camera-1", "file:/x", "rtsp://127.0.0.1:9/x"]) | TEXTS,
    "connection_id": st.just(CONNECTION) | TEXTS,
    "session_id": st.just(SESSION) | TEXTS,
    "sdp": st.just(SDP) | TEXTS,
    # Only addresses of this machine: a valid request may well make the sidecar ask a server.
    "urls": st.sampled_from(["stun:127.0.0.1:9", "turn:127.0.0.1:9?transport=tcp", "turns:127.0.0.1:9", "x", "stun:"]),
    "candidate": st.none()
    | st.fixed_dictionaries(
        {"candidate": st.sampled_from(["", "candidate:1 1 udp 1 127.0.0.1 9 typ host"]) | TEXTS},
        optional={"sdpMid": st.none() | st.sampled_from(["0", "1"]), "sdpMLineIndex": st.none() | st.integers(0, 2)},
    ),
    # Big pictures are as valid, but cost the machine more than they tell.
    "width": st.none() | st.integers(16, 641),
    "height": st.none() | st.integers(16, 363),
}
# A URL has a grammar of its own, and a delay two ends in order: no schema says that.
BEYOND_THE_SCHEMA = ("ice_servers", "playout_delay", "playoutDelay")
INVALID_PARAMS = -32602
IDS = count(1)


def requests() -> st.SearchStrategy[tuple[str, Any]]:
    calls = []
    for path in sorted((SCHEMAS / "methods").glob("*.json")):
        if path.stem != "shutdown":
            schema = json.loads(path.read_text(encoding="utf-8"))
            params = values(schema["properties"]["params"], schema["definitions"], INSTEAD)
            calls.append(st.tuples(st.just(path.stem), params | params.map(camel_case)))
    return st.one_of(calls)


def camel_case(value: Any) -> Any:
    """The same parameters as a frontend writes them."""
    if isinstance(value, dict):
        return {to_camel(name): camel_case(item) for name, item in value.items()}
    return [camel_case(item) for item in value] if isinstance(value, list) else value


class Caller:
    """Calls methods, and keeps the ids of the created connections and sessions."""

    def __init__(self, process: RawProcess) -> None:
        self._process = process
        self._newest = {CONNECTION: "none", SESSION: "none", SDP: "none"}
        self._connections: set[str] = set()
        self._sessions: set[str] = set()

    def call(self, method: str, params: Any) -> Any:
        request_id = next(IDS)
        text = json.dumps({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})
        for mark, value in self._newest.items():
            text = text.replace(json.dumps(mark), json.dumps(value))
        self._process.send(text.encode() + b"\n")
        response = self._process.answer(request_id)
        self._remember(response.get("result", {}))
        return response

    def close_all(self) -> None:
        for connection_id in self._connections:
            self.call("close_connection", [connection_id])
        for session_id in self._sessions:
            self.call("stop_streaming", [session_id])

    def _remember(self, result: Any) -> None:
        for name, mark in (("connection_id", CONNECTION), ("session_id", SESSION), ("sdp", SDP)):
            if isinstance(result.get(name), str):
                self._newest[mark] = result[name]
        self._connections |= {result["connection_id"]} if result.get("connection_id") else set()
        self._sessions |= {result["session_id"]} if result.get("session_id") else set()


def is_served_or_refused(response: Any) -> bool:
    error = response.get("error")
    if error is None or error["code"] > 0:
        return True
    if error["code"] != INVALID_PARAMS:
        return False
    return all(problem["path"].startswith(BEYOND_THE_SCHEMA) for problem in error["data"]["details"]["errors"])


@settings(max_examples=30)
@given(st.lists(requests(), min_size=1, max_size=6))
def test_a_valid_request_is_served_or_refused_by_an_error_of_the_contract(
    raw_sidecar: RawProcess, calls: list[tuple[str, Any]]
) -> None:
    caller = Caller(raw_sidecar)
    try:
        for method, params in calls:
            response = caller.call(method, params)
            check_response(response, method)
            assert is_served_or_refused(response), (method, params, response)
    finally:
        caller.close_all()
