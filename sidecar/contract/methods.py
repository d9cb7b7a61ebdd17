"""The contract's methods: parameters, result and possible errors of each, in one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, Field

from sidecar.contract import errors as e
from sidecar.contract.types import (
    Bitrate,
    Camera,
    CameraFormat,
    ConnectionId,
    ConnectionState,
    DeviceId,
    EncodingOptions,
    FrameRate,
    Generation,
    IceCandidate,
    IceConnectionState,
    IceGatheringState,
    IceServers,
    Params,
    PermissionStatus,
    PlayoutDelay,
    RequestedFormat,
    Result,
    SdpType,
    SessionDescription,
    SessionId,
    Stats,
)


class Empty(Params):
    """No parameters."""


class Done(Result):
    """Nothing to say but that it was done."""


# -- the process ------------------------------------------------------------------------------------------------------


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

    model_config = {"extra": "allow"}

    openrpc: str
    info: dict[str, Any]
    methods: list[dict[str, Any]]


class PingResult(Result):
    monotonic_ms: float
    wall_ms: float


# -- cameras ----------------------------------------------------------------------------------------------------------


class CamerasResult(Result):
    cameras: list[Camera]


class PermissionParams(Params):
    device_id: DeviceId | None = None


class PermissionResult(Result):
    status: PermissionStatus
    hint: str | None = None


class StartStreamingParams(Params):
    device_id: DeviceId
    format: RequestedFormat | None = None
    encoding: EncodingOptions | None = None


class StartStreamingResult(Result):
    session_id: str
    device_id: str
    format: CameraFormat


class SessionParams(Params):
    session_id: SessionId


class StopStreamingResult(Result):
    session_id: str
    device_id: str
    camera_released: bool = Field(description="whether nobody uses the camera any more")
    already_stopped: bool


class SetEncodingParams(Params):
    session_id: SessionId
    bitrate: Bitrate | None = None
    max_bitrate: Bitrate | None = None
    fps: FrameRate | None = Field(default=None, description="frames per second")


class SetEncodingResult(Result):
    session_id: str
    bitrate: int
    max_bitrate: int
    fps: float
    reduced_bitrate: int | None = Field(
        description="of the encoding for viewers with narrower links; null while there is none"
    )


# -- connections ------------------------------------------------------------------------------------------------------


class StartCameraWebrtcSessionParams(Params):
    device_id: DeviceId
    ice_servers: IceServers = Field(default=[])
    format: RequestedFormat | None = None
    encoding: EncodingOptions | None = None
    playout_delay: PlayoutDelay | None = Field(
        default=None,
        description="absent: 0 and 0, shown as soon as decoded, but evenly while packets are lost on a long way",
    )


class StartCameraWebrtcSessionResult(Result):
    sdp_type: Literal["offer"]
    sdp: str
    connection_id: str
    session_id: str
    device_id: str


class StartCameraLocalSessionParams(Params):
    device_id: DeviceId
    format: RequestedFormat | None = None
    encoding: EncodingOptions | None = None


class StartCameraLocalSessionResult(Result):
    url: str = Field(description="ws://127.0.0.1:port/camera-sidecar/secret; good for one connection, within 15 s")
    connection_id: str
    session_id: str
    device_id: str
    codec: str = Field(description="RFC 6381, as in avc1.42c01f")
    description: str = Field(description="the decoder's: an AVCDecoderConfigurationRecord, base64")
    width: int = Field(description="pixels")
    height: int = Field(description="pixels")
    fps: float = Field(description="frames per second")


class CreatePeerConnectionParams(Params):
    ice_servers: IceServers = Field(default=[])


class CreatePeerConnectionResult(Result):
    connection_id: str


class ConnectCameraParams(Params):
    connection_id: ConnectionId
    device_id: DeviceId


class ConnectCameraResult(Result):
    session_id: str


class CreateOfferParams(Params):
    connection_id: ConnectionId | None = None
    ice_servers: IceServers | None = None
    ice_restart: bool = Field(
        default=False, description="offer a connection that has come up a new ICE generation; no other offer can follow"
    )


class DescriptionResult(Result):
    sdp_type: SdpType
    sdp: str
    connection_id: str
    generation: Generation


class ConnectionParams(Params):
    connection_id: ConnectionId


class SetRemoteDescriptionParams(Params):
    connection_id: ConnectionId
    description: SessionDescription
    generation: Generation | None = Field(
        default=None,
        description="of the offer that this answers; without it the newest offer counts as answered",
    )


class AddIceCandidateParams(Params):
    connection_id: ConnectionId
    candidate: IceCandidate | None


class ConnectionStateResult(Result):
    connection_state: ConnectionState
    ice_connection_state: IceConnectionState
    ice_gathering_state: IceGatheringState


class CloseConnectionResult(Result):
    connection_id: str
    device_id: str | None
    session_id: str | None
    camera_released: bool = Field(description="whether nobody uses the camera any more")
    already_closed: bool


# -- statistics -------------------------------------------------------------------------------------------------------


class GetStatsParams(Params):
    connection_id: ConnectionId | None = None


class SubscribeStatsParams(Params):
    interval_ms: int = Field(
        ge=0, le=3_600_000, description="milliseconds between two; 0 stops; less than 100 counts as 100"
    )


# -- the table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Method:
    """One row of the contract; `errors` are those of ours that the method can give, ShuttingDownError aside."""

    name: str
    summary: str
    params: type[Params]
    result: type[BaseModel]
    errors: tuple[type[e.ContractError], ...] = ()


CAMERA_ERRORS = (
    e.CameraNotFoundError,
    e.CameraBusyError,
    e.CameraPermissionDeniedError,
    e.CameraFailedError,
    e.SourceNotAllowedError,
    e.LimitExceededError,
    e.EncoderFailedError,
)

METHODS: tuple[Method, ...] = (
    Method("initialize", "Say who calls and learn what there is.", InitializeParams, InitializeResult),
    Method("rpc.discover", "The OpenRPC document of this program.", Empty, OpenRpcDocument),
    Method("ping", "The sidecar's clocks.", Empty, PingResult),
    Method("shutdown", "Release every camera and end the process.", Empty, Done),
    Method("get_available_cameras", "List the cameras, the test pattern last.", Empty, CamerasResult),
    Method(
        "request_camera_permission",
        "Whether the system lets this process use a camera.",
        PermissionParams,
        PermissionResult,
        (e.CameraNotFoundError, e.SourceNotAllowedError),
    ),
    Method(
        "start_streaming",
        "Open a camera and keep it open until stop_streaming.",
        StartStreamingParams,
        StartStreamingResult,
        CAMERA_ERRORS,
    ),
    Method(
        "stop_streaming",
        "End a session; the camera is released when it was the last.",
        SessionParams,
        StopStreamingResult,
        (e.SessionNotFoundError,),
    ),
    Method(
        "start_camera_webrtc_session",
        "Open a camera, make a connection that shows it, and offer it.",
        StartCameraWebrtcSessionParams,
        StartCameraWebrtcSessionResult,
        (*CAMERA_ERRORS, e.IceServerNotAllowedError),
    ),
    Method(
        "start_camera_local_session",
        "Open a camera and give the address of a WebSocket on this machine that shows it, for webviews without WebRTC.",
        StartCameraLocalSessionParams,
        StartCameraLocalSessionResult,
        CAMERA_ERRORS,
    ),
    Method(
        "create_peer_connection",
        "Make a connection that shows nothing yet.",
        CreatePeerConnectionParams,
        CreatePeerConnectionResult,
        (e.LimitExceededError, e.IceServerNotAllowedError),
    ),
    Method(
        "connect_camera_to_webrtc",
        "Let a connection show a camera.",
        ConnectCameraParams,
        ConnectCameraResult,
        (e.ConnectionNotFoundError, e.InvalidStateError, *CAMERA_ERRORS),
    ),
    Method(
        "create_offer",
        "Offer a connection, make one when none is named; or restart its ICE.",
        CreateOfferParams,
        DescriptionResult,
        (e.ConnectionNotFoundError, e.InvalidStateError, e.LimitExceededError, e.IceServerNotAllowedError),
    ),
    Method(
        "create_answer",
        "Answer the other peer's offer, the first or one that restarts ICE.",
        ConnectionParams,
        DescriptionResult,
        (e.ConnectionNotFoundError, e.InvalidStateError, e.LimitExceededError),
    ),
    Method(
        "set_remote_description",
        "Take the other peer's offer or answer.",
        SetRemoteDescriptionParams,
        Done,
        (e.ConnectionNotFoundError, e.InvalidStateError, e.InvalidSdpError),
    ),
    Method(
        "add_ice_candidate",
        "Take a candidate of the other peer; null or an empty one ends them.",
        AddIceCandidateParams,
        Done,
        (e.ConnectionNotFoundError, e.InvalidStateError, e.InvalidCandidateError, e.LimitExceededError),
    ),
    Method(
        "get_connection_state",
        "The W3C states of a connection.",
        ConnectionParams,
        ConnectionStateResult,
        (e.ConnectionNotFoundError,),
    ),
    Method(
        "close_connection",
        "Close a connection; the camera is released when it was the last.",
        ConnectionParams,
        CloseConnectionResult,
        (e.ConnectionNotFoundError,),
    ),
    Method(
        "get_stats",
        "Statistics of one connection and its camera, or of all.",
        GetStatsParams,
        Stats,
        (e.ConnectionNotFoundError,),
    ),
    Method("subscribe_stats", "Send the stats notification regularly.", SubscribeStatsParams, Done),
    Method(
        "set_encoding",
        "Change bitrate or frame rate without renegotiation or keyframe.",
        SetEncodingParams,
        SetEncodingResult,
        (e.SessionNotFoundError, e.InvalidStateError),
    ),
    Method(
        "request_keyframe",
        "Make the next frame a keyframe.",
        SessionParams,
        Done,
        (e.SessionNotFoundError, e.InvalidStateError),
    ),
)
