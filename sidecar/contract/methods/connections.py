"""Methods about connections: the session starters, and the signalling of WebRTC."""

from typing import Final, Literal

from pydantic import Field

from sidecar.contract import examples
from sidecar.contract.errors import (
    CAMERA_ERRORS,
    ConnectionNotFoundError,
    IceServerNotAllowedError,
    InvalidCandidateError,
    InvalidSdpError,
    InvalidStateError,
    LimitExceededError,
)
from sidecar.contract.imports import CAMERA, LOCAL_STREAM, WEBRTC
from sidecar.contract.method import Example, Method
from sidecar.contract.models import Done, Params, Result
from sidecar.contract.types import (
    CameraFormat,
    ConnectionId,
    ConnectionState,
    DeviceId,
    EncodingOptions,
    Generation,
    IceCandidate,
    IceConnectionState,
    IceGatheringState,
    IceServers,
    PlayoutDelay,
    RequestedFormat,
    SdpType,
    SessionDescription,
)


class StartCameraWebrtcSessionParams(Params):
    device_id: DeviceId
    ice_servers: IceServers = Field(default=[])
    format: RequestedFormat | None = None
    encoding: EncodingOptions | None = None
    playout_delay: PlayoutDelay | None = Field(
        default=None,
        description="absent: 0 and 0, frames are shown as soon as decoded, but evenly while a long path loses packets",
    )


class StartCameraWebrtcSessionResult(Result):
    sdp_type: Literal["offer"]
    sdp: str
    connection_id: str
    session_id: str
    device_id: str
    format: CameraFormat


class StartCameraLocalSessionParams(Params):
    device_id: DeviceId
    format: RequestedFormat | None = None
    encoding: EncodingOptions | None = None


class StartCameraLocalSessionResult(Result):
    url: str = Field(description="ws://127.0.0.1:port/camera-sidecar/secret; valid for one connection, within 15 s")
    connection_id: str
    session_id: str
    device_id: str
    format: CameraFormat
    codec: str = Field(description="RFC 6381, as in avc1.42c01f")
    description: str = Field(description="the decoder configuration: an AVCDecoderConfigurationRecord, base64")
    width: int = Field(description="pixels of the encoded picture, which a narrow link makes smaller than the camera's")
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
    device_id: str
    format: CameraFormat


class CreateOfferParams(Params):
    connection_id: ConnectionId | None = None
    ice_servers: IceServers | None = None
    ice_restart: bool = Field(
        default=False, description="restart ICE, which needs an established connection; no other offer can follow"
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
        description="the generation of the answered offer; without it the newest offer counts as answered",
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
    camera_released: bool = Field(description="whether no session uses the camera any more")
    already_closed: bool


START_CAMERA_WEBRTC_SESSION: Final = Method(
    name="start_camera_webrtc_session",
    summary="Open a camera, make a connection that shows it, and offer it.",
    params=StartCameraWebrtcSessionParams,
    result=StartCameraWebrtcSessionResult,
    errors=(*CAMERA_ERRORS, IceServerNotAllowedError),
    imports=CAMERA + WEBRTC,
    example=Example(
        {"device_id": examples.DEVICE_ID, "ice_servers": [{"urls": ["stun:stun.example.org:3478"]}]},
        {
            "sdp_type": "offer",
            "sdp": examples.SDP,
            "connection_id": examples.CONNECTION_ID,
            "session_id": examples.SESSION_ID,
            "device_id": examples.DEVICE_ID,
            "format": examples.FORMAT,
        },
    ),
)

START_CAMERA_LOCAL_SESSION: Final = Method(
    name="start_camera_local_session",
    summary="Open a camera and give the address of a WebSocket on this machine that shows it, for webviews without "
    "WebRTC.",
    params=StartCameraLocalSessionParams,
    result=StartCameraLocalSessionResult,
    errors=CAMERA_ERRORS,
    imports=CAMERA + LOCAL_STREAM,
    example=Example(
        {"device_id": examples.DEVICE_ID, "format": {"width": 1280, "height": 720, "fps": 30.0}},
        {
            "url": "ws://127.0.0.1:49152/camera-sidecar/hq3mS7cZ0Yt0sWlT8eUX1bJpQy6oVd2fRkNaGi4uL5E",
            "connection_id": examples.CONNECTION_ID,
            "session_id": examples.SESSION_ID,
            "device_id": examples.DEVICE_ID,
            "format": examples.FORMAT,
            "codec": "avc1.42c01f",
            "description": "AULAH//hABFnQsAf2gFAFuhAAAADAEAAAA8jAQAEaM4G4g==",
            "width": 1280,
            "height": 720,
            "fps": 30.0,
        },
    ),
)

CREATE_PEER_CONNECTION: Final = Method(
    name="create_peer_connection",
    summary="Make a connection that shows no camera yet.",
    params=CreatePeerConnectionParams,
    result=CreatePeerConnectionResult,
    errors=(LimitExceededError, IceServerNotAllowedError),
    imports=WEBRTC,
    example=Example(
        {"ice_servers": [{"urls": "turn:turn.example.org:3478", "username": "user", "credential": "secret"}]},
        {"connection_id": examples.CONNECTION_ID},
    ),
)

CONNECT_CAMERA_TO_WEBRTC: Final = Method(
    name="connect_camera_to_webrtc",
    summary="Let a connection show a camera.",
    params=ConnectCameraParams,
    result=ConnectCameraResult,
    errors=(ConnectionNotFoundError, InvalidStateError, *CAMERA_ERRORS),
    imports=CAMERA,
    example=Example(
        {"connection_id": examples.CONNECTION_ID, "device_id": examples.DEVICE_ID},
        {"session_id": examples.SESSION_ID, "device_id": examples.DEVICE_ID, "format": examples.FORMAT},
    ),
)

CREATE_OFFER: Final = Method(
    name="create_offer",
    summary="Offer a connection, make one when none is named; or restart its ICE.",
    params=CreateOfferParams,
    result=DescriptionResult,
    errors=(ConnectionNotFoundError, InvalidStateError, LimitExceededError, IceServerNotAllowedError),
    imports=WEBRTC,
    example=Example(
        {"connection_id": examples.CONNECTION_ID},
        {"sdp_type": "offer", "sdp": examples.SDP, "connection_id": examples.CONNECTION_ID, "generation": 0},
    ),
)

CREATE_ANSWER: Final = Method(
    name="create_answer",
    summary="Answer the other peer's offer, the first or one that restarts ICE.",
    params=ConnectionParams,
    result=DescriptionResult,
    errors=(ConnectionNotFoundError, InvalidStateError, LimitExceededError),
    example=Example(
        {"connection_id": examples.CONNECTION_ID},
        {"sdp_type": "answer", "sdp": examples.SDP, "connection_id": examples.CONNECTION_ID, "generation": 0},
    ),
)

SET_REMOTE_DESCRIPTION: Final = Method(
    name="set_remote_description",
    summary="Take the other peer's offer or answer.",
    params=SetRemoteDescriptionParams,
    result=Done,
    errors=(ConnectionNotFoundError, InvalidStateError, InvalidSdpError),
    example=Example(
        {"connection_id": examples.CONNECTION_ID, "description": {"type": "answer", "sdp": examples.SDP}}, {}
    ),
)

ADD_ICE_CANDIDATE: Final = Method(
    name="add_ice_candidate",
    summary="Take a candidate of the other peer; null or an empty one ends them.",
    params=AddIceCandidateParams,
    result=Done,
    errors=(ConnectionNotFoundError, InvalidStateError, InvalidCandidateError, LimitExceededError),
    example=Example({"connection_id": examples.CONNECTION_ID, "candidate": examples.CANDIDATE}, {}),
)

GET_CONNECTION_STATE: Final = Method(
    name="get_connection_state",
    summary="The W3C states of a connection.",
    params=ConnectionParams,
    result=ConnectionStateResult,
    errors=(ConnectionNotFoundError,),
    example=Example(
        {"connection_id": examples.CONNECTION_ID},
        {"connection_state": "connected", "ice_connection_state": "completed", "ice_gathering_state": "complete"},
    ),
)

CLOSE_CONNECTION: Final = Method(
    name="close_connection",
    summary="Close a connection; the last session of its camera releases the camera.",
    params=ConnectionParams,
    result=CloseConnectionResult,
    errors=(ConnectionNotFoundError,),
    result_names_ended=True,
    example=Example(
        {"connection_id": examples.CONNECTION_ID},
        {
            "connection_id": examples.CONNECTION_ID,
            "device_id": examples.DEVICE_ID,
            "session_id": examples.SESSION_ID,
            "camera_released": True,
            "already_closed": False,
        },
    ),
)
