"""JSON-RPC errors: the standard codes (JSON-RPC 2.0, section 5.1), and the conversion of exceptions to errors.

Every error carries `data = {kind, retryable, hint, details?}`, also the standard errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from pydantic import BaseModel

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
# From the range that the specification leaves to servers, -32099 to -32000.
SERVER_BUSY = -32000
SERVER_CLOSED = -32001

Json = dict[str, Any]


class RpcError(Exception):
    """An error as it goes over the wire; `data` holds JSON values only."""

    def __init__(self, code: int, message: str, data: Json) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    def response(self, request_id: object) -> Json:
        """Return the response object (section 5)."""
        error = {"code": self.code, "message": self.message, "data": self.data}
        return {"jsonrpc": "2.0", "error": error, "id": request_id}


def _data(kind: str, hint: str, details: Mapping[str, Any] | None = None) -> Json:
    data: Json = {"kind": kind, "retryable": False, "hint": hint}
    if details is not None:
        data["details"] = dict(details)
    return data


def parse_error(hint: str = "Send one JSON text a line, in UTF-8.") -> RpcError:
    """Return the error of a line that is not JSON, or exceeds a limit of the parser."""
    return RpcError(PARSE_ERROR, "Parse error", _data("parse_error", hint))


def invalid_request(hint: str, details: Mapping[str, Any] | None = None) -> RpcError:
    """Return the error of JSON that is no request object."""
    return RpcError(INVALID_REQUEST, "Invalid Request", _data("invalid_request", hint, details))


def method_not_found(method: str) -> RpcError:
    """Return the error of a request for an unknown method."""
    hint = "Call rpc.discover for the methods that there are."
    return RpcError(METHOD_NOT_FOUND, "Method not found", _data("method_not_found", hint, {"method": method[:128]}))


def invalid_params(hint: str, errors: list[Json]) -> RpcError:
    """Return the error of invalid parameters; `errors` lists {path, message}."""
    return RpcError(INVALID_PARAMS, "Invalid params", _data("invalid_params", hint, {"errors": errors}))


def internal_error() -> RpcError:
    """Return the error of a bug in this program; the log has the exception, the answer never has."""
    hint = "This is a bug in the sidecar; its log on stderr says more."
    return RpcError(INTERNAL_ERROR, "Internal error", _data("internal_error", hint))


def server_busy(maximum: int) -> RpcError:
    """Return the error of a request that is refused because too many are in flight."""
    data = _data("server_busy", "Wait for answers before sending more requests.", {"maximum": maximum})
    return RpcError(SERVER_BUSY, "Too many requests at once", {**data, "retryable": True})


def server_closed() -> RpcError:
    """Return the error of every request after the server was closed, also of the requests that were in flight."""
    return RpcError(SERVER_CLOSED, "The server is closed", _data("server_closed", "Start the server again."))


@runtime_checkable
class CodedError(Protocol):
    """An exception with its code, message and data on the wire."""

    code: int
    message: str

    def data(self) -> BaseModel:
        """Return the error's data member."""


def coded_error(exc: Exception) -> RpcError | None:
    """Return the wire form of a CodedError; None for any other exception."""
    if not isinstance(exc, CodedError):
        return None
    return RpcError(exc.code, exc.message, exc.data().model_dump(mode="json", exclude_none=True))
