"""Methods about the process itself."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from sidecar.contract.method import Example, Method
from sidecar.contract.models import Done, Empty, Params, Result


class InitializeParams(Params):
    client_name: str | None = Field(default=None, max_length=256)
    client_version: str | None = Field(default=None, max_length=256)
    protocol_version: str | None = Field(default=None, max_length=32)


class Capabilities(Result):
    encoders: list[str]
    sources: list[str] = Field(description="kinds of device_id that can be opened")
    features: list[str]


class InitializeResult(Result):
    name: str
    version: str
    protocol_version: str
    capabilities: Capabilities
    platform: str


class OpenRpcDocument(BaseModel):
    """The OpenRPC document; its own meta-schema describes it."""

    model_config = ConfigDict(defer_build=True, extra="allow")

    openrpc: str
    info: dict[str, Any]
    methods: list[dict[str, Any]]


class PingResult(Result):
    monotonic_ms: float
    wall_ms: float


INITIALIZE: Final = Method(
    name="initialize",
    summary="Introduce the client; returns the sidecar's version and capabilities.",
    params=InitializeParams,
    result=InitializeResult,
    answered_until_end=True,
    example=Example(
        {"client_name": "my-app", "client_version": "2.1.0", "protocol_version": "1.0"},
        {
            "name": "camera-sidecar",
            "version": "0.1.0",
            "protocol_version": "1.0",
            "capabilities": {"encoders": ["libx264"], "sources": ["camera", "test"], "features": ["trickle_ice"]},
            "platform": "linux",
        },
    ),
)

DISCOVER: Final = Method(
    name="rpc.discover",
    summary="The OpenRPC document of this program.",
    params=Empty,
    result=OpenRpcDocument,
    example=Example({}, {"openrpc": "1.4.1", "info": {"title": "camera-sidecar", "version": "1.0"}, "methods": []}),
)

PING: Final = Method(
    name="ping",
    summary="The sidecar's clocks.",
    params=Empty,
    result=PingResult,
    answered_until_end=True,
    example=Example({}, {"monotonic_ms": 81234.5, "wall_ms": 1767225600000.0}),
)

SHUTDOWN: Final = Method(
    name="shutdown",
    summary="Release every camera and end the process.",
    params=Empty,
    result=Done,
    answered_until_end=True,
    permission=None,
    example=Example({}, {}),
)
