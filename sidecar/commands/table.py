"""Which handler serves which method of the contract."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from pydantic import BaseModel

from sidecar.commands import cameras, connections, process, statistics
from sidecar.commands.media import imported_first
from sidecar.commands.services import Services
from sidecar.contract.errors import LimitExceededError, ShuttingDownError
from sidecar.contract.methods import METHODS
from sidecar.rpc.dispatcher import RpcMethod
from sidecar.rpc.errors import RpcError, coded_error, invalid_params
from sidecar.webrtc.ice.server_addresses import IceServerError

TOO_MANY_OPEN = frozenset({errno.EMFILE, errno.ENFILE, getattr(errno, "WSAEMFILE", errno.EMFILE)})
"""No file descriptor is left, for this process or on the whole machine."""

HANDLERS: dict[str, Callable[[Services, Any], Awaitable[BaseModel]]] = {
    "initialize": process.initialize,
    "rpc.discover": process.discover,
    "ping": process.ping,
    "shutdown": process.shutdown,
    "get_available_cameras": cameras.get_available_cameras,
    "request_camera_permission": cameras.request_camera_permission,
    "start_streaming": cameras.start_streaming,
    "stop_streaming": cameras.stop_streaming,
    "start_camera_webrtc_session": connections.start_camera_webrtc_session,
    "start_camera_local_session": connections.start_camera_local_session,
    "create_peer_connection": connections.create_peer_connection,
    "connect_camera_to_webrtc": connections.connect_camera_to_webrtc,
    "create_offer": connections.create_offer,
    "create_answer": connections.create_answer,
    "set_remote_description": connections.set_remote_description,
    "add_ice_candidate": connections.add_ice_candidate,
    "get_connection_state": connections.get_connection_state,
    "close_connection": connections.close_connection,
    "get_stats": statistics.get_stats,
    "subscribe_stats": statistics.subscribe_stats,
    "set_encoding": cameras.set_encoding,
    "request_keyframe": cameras.request_keyframe,
}


def rpc_methods(services: Services) -> list[RpcMethod[Any]]:
    """The contract's methods, each bound to its handler."""
    return [
        RpcMethod(each.name, each.params, imported_first(each.name, partial(HANDLERS[each.name], services)))
        for each in METHODS
    ]


def error_of(exc: Exception) -> RpcError | None:
    """The wire form of what a handler may raise; None for a bug."""
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
    """What a request gets that comes while `maximum` others are worked on."""
    return LimitExceededError(
        "too many requests at once",
        hint="Wait for answers before sending more requests.",
        details={"limit": "requests_in_flight", "maximum": maximum},
    )


def shutting_down() -> ShuttingDownError:
    """What a request gets that is not finished when the process ends."""
    return ShuttingDownError("the sidecar is about to end")
