"""Methods about the process itself."""

from __future__ import annotations

import sys
from functools import cache
from typing import get_args

from sidecar import __version__
from sidecar.blocking import IMPORT_TIMEOUT, in_thread
from sidecar.commands.handlers import handles
from sidecar.commands.services import Services
from sidecar.contract.early import NAME, PROTOCOL_VERSION
from sidecar.contract.early import ping as clocks
from sidecar.contract.methods import process as contract
from sidecar.contract.models import Done, Empty
from sidecar.contract.types import CameraKind

FEATURES = [
    "trickle-ice",
    "playout-delay",
    "rtx",
    "shared-encoding",
    "live-bitrate",
    "live-format",
    "photo",
    "local-stream",
    "ice-restart",
]


@handles(contract.INITIALIZE)
async def initialize(services: Services, params: contract.InitializeParams) -> contract.InitializeResult:
    """Return the version and the capabilities."""
    return contract.InitializeResult(
        name=NAME,
        version=__version__,
        protocol_version=PROTOCOL_VERSION,
        capabilities=contract.Capabilities(
            encoders=await in_thread(_encoders, IMPORT_TIMEOUT),
            sources=list(get_args(CameraKind)),
            features=FEATURES,
        ),
        platform=sys.platform,
    )


@handles(contract.DISCOVER)
async def discover(services: Services, params: Empty) -> contract.OpenRpcDocument:
    """Return the OpenRPC document, the same as in schemas/."""
    return _document()


@handles(contract.PING)
async def ping(services: Services, params: Empty) -> contract.PingResult:
    """Return both clocks."""
    return contract.PingResult(**clocks())


@handles(contract.SHUTDOWN)
async def shutdown(services: Services, params: Empty) -> Done:
    """Begin the end of the process; the answer is still sent."""
    services.shut_down()
    return Done()


def _encoders() -> list[str]:
    """Return the names of the encoders that this machine can open, which a build of PyAV without libraries loads."""
    from sidecar.encoding.h264 import available_encoders

    return available_encoders()


@cache
def _document() -> contract.OpenRpcDocument:
    from sidecar.contract.openrpc import document  # imports pydantic's JSON Schema generator

    return contract.OpenRpcDocument.model_validate(document())
