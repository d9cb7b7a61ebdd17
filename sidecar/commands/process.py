"""Methods about the process itself."""

from __future__ import annotations

import sys
import time
from functools import cache
from typing import get_args

from sidecar import __version__
from sidecar.commands.services import Services
from sidecar.contract.methods import (
    PROTOCOL_VERSION,
    Capabilities,
    Done,
    Empty,
    InitializeParams,
    InitializeResult,
    OpenRpcDocument,
    PingResult,
)
from sidecar.contract.openrpc import document
from sidecar.contract.types import CameraKind
from sidecar.encoding.probe import available_encoders

NAME = "camera-sidecar"
FEATURES = ["trickle-ice", "playout-delay", "rtx", "shared-encoding", "live-bitrate"]


async def initialize(services: Services, params: InitializeParams) -> InitializeResult:
    """Say what there is."""
    return InitializeResult(
        name=NAME,
        version=__version__,
        protocol_version=PROTOCOL_VERSION,
        capabilities=Capabilities(
            encoders=list(available_encoders()), sources=list(get_args(CameraKind)), features=FEATURES
        ),
        platform=sys.platform,
    )


async def discover(services: Services, params: Empty) -> OpenRpcDocument:
    """The OpenRPC document, the same as in schemas/."""
    return _document()


async def ping(services: Services, params: Empty) -> PingResult:
    """Both clocks."""
    return PingResult(monotonic_ms=time.monotonic() * 1000, wall_ms=time.time() * 1000)


async def shutdown(services: Services, params: Empty) -> Done:
    """Begin the end; the answer still goes out."""
    services.shut_down()
    return Done()


@cache
def _document() -> OpenRpcDocument:
    return OpenRpcDocument.model_validate(document())
