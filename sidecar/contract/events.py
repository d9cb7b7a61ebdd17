"""The contract's notifications from the sidecar, in one table."""

from typing import Literal, Protocol

from pydantic import BaseModel, Field

from sidecar.contract.examples import CANDIDATE, CONNECTION_ID, DEVICE_ID, FORMAT, SDP, SESSION_ID, STATS, TEST_PATTERN
from sidecar.contract.method import Event
from sidecar.contract.models import Result
from sidecar.contract.types import (
    Camera,
    CameraFormat,
    CameraStateName,
    ConnectionState,
    Generation,
    IceCandidate,
    Stats,
)


class Ready(Result):
    name: str
    version: str
    protocol_version: str
    pid: int


class IceCandidateEvent(Result):
    connection_id: str
    generation: Generation
    candidate: IceCandidate | None


class ConnectionStateEvent(Result):
    connection_id: str
    generation: Generation
    state: ConnectionState
    reason: str | None = None


class RenegotiationOffer(Result):
    connection_id: str
    generation: Generation
    sdp_type: Literal["offer"]
    sdp: str
    replaces_peer: bool = Field(
        description="false: the offer restarts ICE of the present RTCPeerConnection (RFC 9429, 5.5); true: it is for a "
        "new RTCPeerConnection, which replaces the present one when its first picture is there"
    )


class CameraStateEvent(Result):
    device_id: str
    session_id: str
    state: CameraStateName = Field(
        description="opening: no picture yet; streaming; lost: the camera broke, and its driver is released; "
        "recovering: the camera is tried again and again, sent once more when the reason changes; failed: given up, "
        "the session has ended; stopped: the session was ended on request"
    )
    reason: str | None = Field(
        default=None, description="why the camera is lost, recovering or failed, for a person to read"
    )
    hint: str | None = Field(default=None, description="the remedy, for a person to read")


class FormatChanged(Result):
    session_id: str
    device_id: str
    format: CameraFormat


class CamerasChanged(Result):
    cameras: list[Camera] = Field(description="the result of get_available_cameras at this moment")
    added: list[str] = Field(description="the device_ids that are new since the last notification")
    removed: list[str] = Field(description="the device_ids of cameras that are gone; their sessions may go on waiting")


class Log(Result):
    level: Literal["debug", "info", "warning", "error"]
    message: str


class Notify(Protocol):
    """A function that sends a notification to the client; called on the event loop's thread, never blocks."""

    def __call__(self, event: str, params: BaseModel) -> None:
        """Send the event of this name with its parameters, a model of this module or Stats."""


EVENTS: tuple[Event, ...] = (
    Event(
        name="ready",
        summary="The sidecar takes requests.",
        params=Ready,
        example={"name": "camera-sidecar", "version": "0.1.0", "protocol_version": "1.0", "pid": 4242},
    ),
    Event(
        name="ice_candidate",
        summary="A local candidate was found; null ends them.",
        params=IceCandidateEvent,
        example={"connection_id": CONNECTION_ID, "generation": 0, "candidate": CANDIDATE},
    ),
    Event(
        name="connection_state",
        summary="A connection's state changed.",
        params=ConnectionStateEvent,
        example={"connection_id": CONNECTION_ID, "generation": 0, "state": "connected", "reason": None},
    ),
    Event(
        name="renegotiation_offer",
        summary="The viewer was lost; answer with set_remote_description, generation included. A newer offer replaces "
        "this one. The connection fails and is closed when no offer is answered for 10 s, or when ten offers do not "
        "reach the viewer within a minute.",
        params=RenegotiationOffer,
        example={
            "connection_id": CONNECTION_ID,
            "generation": 1,
            "sdp_type": "offer",
            "sdp": SDP,
            "replaces_peer": False,
        },
    ),
    Event(
        name="camera_state",
        summary="A camera's state changed; sent once for each session that uses the camera. The session of a lost "
        "camera goes on: its viewers see a placeholder that says so, and the camera again when it is back, also under "
        "another device node, for as long as the session lasts. The camera is tried at once when the system reports a "
        "new camera, and otherwise at least every 2 s. Only a camera that stays forbidden, is not allowed, or whose "
        "driver hangs again and again fails.",
        params=CameraStateEvent,
        example={
            "device_id": DEVICE_ID,
            "session_id": SESSION_ID,
            "state": "failed",
            "reason": "the camera was unplugged",
            "hint": "Plug the camera in and start again.",
        },
    ),
    Event(
        name="format_changed",
        summary="A camera has another format: by set_format, because it was lost and returned with another one, or "
        "because its picture changed its size. Sent once for each session that uses the camera; before the result of "
        "set_format, or when a camera that was lost returns.",
        params=FormatChanged,
        example={"session_id": SESSION_ID, "device_id": DEVICE_ID, "format": FORMAT},
    ),
    Event(
        name="cameras_changed",
        summary="A camera came or went.",
        params=CamerasChanged,
        example={"cameras": [TEST_PATTERN], "added": [], "removed": [DEVICE_ID]},
    ),
    Event(
        name="stats",
        summary="Statistics, at the interval of subscribe_stats.",
        params=Stats,
        example=STATS,
    ),
    Event(
        name="log",
        summary="A line of the log, when the command line has --log-notifications.",
        params=Log,
        example={"level": "info", "message": "the camera is open"},
    ),
)
