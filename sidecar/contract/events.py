"""The contract's notifications from the sidecar, in one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from sidecar.contract.types import (
    Camera,
    CameraStateName,
    ConnectionState,
    Generation,
    IceCandidate,
    Result,
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


class CameraStateEvent(Result):
    device_id: str
    session_id: str
    state: CameraStateName
    reason: str | None = None
    hint: str | None = None


class CamerasChanged(Result):
    cameras: list[Camera]
    added: list[str]
    removed: list[str]


class Log(Result):
    level: Literal["debug", "info", "warning", "error"]
    message: str


@dataclass(frozen=True)
class Event:
    """One notification of the contract."""

    name: str
    summary: str
    params: type[BaseModel]


EVENTS: tuple[Event, ...] = (
    Event("ready", "The sidecar takes requests.", Ready),
    Event("ice_candidate", "A local candidate was found; null ends them.", IceCandidateEvent),
    Event("connection_state", "A connection's state changed.", ConnectionStateEvent),
    Event("camera_state", "A camera's state changed, once for each session that uses it.", CameraStateEvent),
    Event("cameras_changed", "A camera came or went.", CamerasChanged),
    Event("stats", "Statistics, as often as subscribe_stats asked for.", Stats),
    Event("log", "A line of the log, when the command line asked for them.", Log),
)
