"""After any bytes on standard input, the next request is served."""

from __future__ import annotations

import json
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from tests.support.contract_schemas import check_response
from tests.support.sidecar_process import RawProcess

IDS = count(1)
METHODS = st.sampled_from(["ping", "initialize", "get_stats", "close_connection", "add_ice_candidate", "nothing"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
REQUESTS = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0"), "method": METHODS | st.text()},
    optional={"id": JSON, "params": JSON, "extra": JSON},
)
LINES = st.binary() | (REQUESTS | st.lists(REQUESTS, max_size=3) | JSON).map(lambda value: json.dumps(value).encode())


@given(st.lists(LINES, min_size=1, max_size=5), st.sampled_from([b"\n", b"\r\n"]))
def test_any_bytes_leave_the_next_request_served(raw_sidecar: RawProcess, lines: list[bytes], end: bytes) -> None:
    request_id = f"ping {next(IDS)}"
    ping = json.dumps({"jsonrpc": "2.0", "id": request_id, "method": "ping"}).encode()
    raw_sidecar.send(end.join([*lines, ping]) + end)
    response = raw_sidecar.answer(request_id)
    assert "result" in response
    check_response(response, "ping")


def test_a_line_over_eight_mebibytes_is_refused_and_the_next_request_is_served(raw_sidecar: RawProcess) -> None:
    padding = b" " * (8 * 1024 * 1024)
    raw_sidecar.send(b'{"jsonrpc":"2.0","id":"long","method":"ping"' + padding + b"}\n")
    refusal = raw_sidecar.answer(None)
    check_response(refusal, None)
    assert (refusal["error"]["code"], refusal["error"]["data"]["details"]) == (-32600, {"max_bytes": len(padding)})
    raw_sidecar.send(b'{"jsonrpc":"2.0","id":"next","method":"ping"}\n')
    assert "result" in raw_sidecar.answer("next")
