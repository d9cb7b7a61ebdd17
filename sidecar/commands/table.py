"""The contract's methods with their handlers, and the errors of any request."""

from __future__ import annotations

from functools import partial
from typing import Any

from sidecar.commands import cameras, connections, encoder, process, statistics  # noqa: F401 - they bind their handlers
from sidecar.commands.handlers import HANDLERS
from sidecar.commands.imports import imported_first
from sidecar.commands.services import Services
from sidecar.contract.errors import LimitExceededError, ShuttingDownError
from sidecar.contract.methods import METHODS
from sidecar.descriptors import TOO_MANY_OPEN
from sidecar.rpc.dispatcher import RpcMethod
from sidecar.rpc.errors import RpcError, coded_error, invalid_params
from sidecar.webrtc.ice.server_addresses import IceServerError


def rpc_methods(services: Services) -> list[RpcMethod[Any]]:
    """Return the contract's methods, each bound to its handler."""
    return [
        RpcMethod(row.name, row.params, imported_first(row.imports, partial(HANDLERS[row.name], services)))
        for row in METHODS
    ]


def error_of(exc: Exception) -> RpcError | None:
    """Return the wire form of a handler's exception; None for a bug."""
    if isinstance(exc, IceServerError):
        return invalid_params(f"ice_servers: {exc}.", [{"path": "ice_servers", "message": str(exc)}])
    if isinstance(exc, OSError) and exc.errno in TOO_MANY_OPEN:
        return coded_error(_no_descriptors_left())
    return coded_error(exc)


def _no_descriptors_left() -> LimitExceededError:
    return LimitExceededError(
        "the sidecar has too many open files and sockets",
        hint="Close connections and cameras that are no longer needed, or raise the limit of open files (ulimit -n).",
        details={"limit": "file_descriptors"},
    )


def too_many_requests(maximum: int) -> LimitExceededError:
    """Return the error of a request that arrives while `maximum` others are in flight."""
    return LimitExceededError(
        "too many requests at once",
        hint="Wait for answers before sending more requests.",
        details={"limit": "requests_in_flight", "maximum": maximum},
    )


def shutting_down() -> ShuttingDownError:
    """Return the error of a request that is not finished when the process ends."""
    return ShuttingDownError("the sidecar is about to end")
