"""Methods about the process itself."""

from __future__ import annotations

import sys
from functools import cache
from typing import get_args

from sidecar import __version__
from sidecar.commands.services import Services
from sidecar.contract.early import NAME, PROTOCOL_VERSION
from sidecar.contract.early import ping as clocks
from sidecar.contract.methods import (
    Capabilities,
    Done,
    Empty,
    InitializeParams,
    InitializeResult,
    OpenRpcDocument,
    PingResult,
)
from sidecar.contract.types import CameraKind

ENCODERS = ["libx264"]
"""Told without asking libav, which is a third of what an idle sidecar may weigh; freeze.py checks that it is there."""

FEATURES = ["trickle-ice", "playout-delay", "rtx", "shared-encoding", "live-bitrate", "local-stream", "ice-restart"]


async def initialize(services: Services, params: InitializeParams) -> InitializeResult:
    """Say what there is."""
    return InitializeResult(
        name=NAME,
        version=__version__,
        protocol_version=PROTOCOL_VERSION,
        capabilities=Capabilities(encoders=ENCODERS, sources=list(get_args(CameraKind)), features=FEATURES),
        platform=sys.platform,
    )


async def discover(services: Services, params: Empty) -> OpenRpcDocument:
    """The OpenRPC document, the same as in schemas/."""
    return _document()


async def ping(services: Services, params: Empty) -> PingResult:
    """Both clocks."""
    return PingResult(**clocks())


async def shutdown(services: Services, params: Empty) -> Done:
    """Begin the end; the answer still goes out."""
    services.shut_down()
    return Done()


@cache
def _document() -> OpenRpcDocument:
    from sidecar.contract.openrpc import document  # pydantic's makers of JSON Schema

    return OpenRpcDocument.model_validate(document())
