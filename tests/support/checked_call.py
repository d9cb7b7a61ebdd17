"""A call of a running process whose response is checked against the schemas."""

from __future__ import annotations

import json
from typing import Any

from tests.support.contract_schemas import check_response
from tests.support.sidecar_process import RawProcess


def call(process: RawProcess, request_id: int, method: str, **params: Any) -> Any:
    """The response to a request with these parameters."""
    process.send(json.dumps({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}).encode() + b"\n")
    response = process.answer(request_id)
    check_response(response, method)
    return response
