"""Methods about cameras and their sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.cameras.describe import describe, describe_format
from sidecar.cameras.device import RequestedFormat
from sidecar.commands.services import Services
from sidecar.contract import types
from sidecar.contract.errors import InvalidStateError
from sidecar.contract.methods import (
    CamerasResult,
    Done,
    Empty,
    PermissionParams,
    PermissionResult,
    SessionParams,
    SetEncodingParams,
    SetEncodingResult,
    StartStreamingParams,
    StartStreamingResult,
    StopStreamingResult,
)

if TYPE_CHECKING:
    from sidecar.streams.stream import Stream


async def get_available_cameras(services: Services, params: Empty) -> CamerasResult:
    """Every camera."""
    return CamerasResult(cameras=[describe(device) for device in await services.cameras.available()])


async def request_camera_permission(services: Services, params: PermissionParams) -> PermissionResult:
    """The system's word on it."""
    status, hint = await services.cameras.permission(params.device_id)
    return PermissionResult(status=status, hint=hint)


async def start_streaming(services: Services, params: StartStreamingParams) -> StartStreamingResult:
    """A session of its own, with no connection."""
    session = await services.cameras.open(params.device_id, requested(params.format), encoding(params.encoding))
    return StartStreamingResult(
        session_id=session.session_id,
        device_id=session.stream.device.device_id,
        format=describe_format(session.stream.format),
    )


async def stop_streaming(services: Services, params: SessionParams) -> StopStreamingResult:
    """End a session."""
    ended = await services.cameras.close(params.session_id)
    return StopStreamingResult(
        session_id=ended.session_id,
        device_id=ended.device_id,
        camera_released=ended.camera_released,
        already_stopped=ended.already_stopped,
    )


async def set_encoding(services: Services, params: SetEncodingParams) -> SetEncodingResult:
    """Change the encoding for everyone who sees this camera."""
    targets = _running(services, params.session_id).change_encoding(params.bitrate, params.max_bitrate, params.fps)
    return SetEncodingResult(
        session_id=params.session_id,
        bitrate=targets.bitrate,
        max_bitrate=targets.max_bitrate,
        fps=targets.fps,
        reduced_bitrate=targets.reduced_bitrate,
    )


async def request_keyframe(services: Services, params: SessionParams) -> Done:
    """One keyframe, soon."""
    _running(services, params.session_id).request_keyframe()
    return Done()


def requested(wanted: types.RequestedFormat | None) -> RequestedFormat:
    """The wish as the cameras layer takes it."""
    if wanted is None:
        return RequestedFormat()
    return RequestedFormat(width=wanted.width, height=wanted.height, fps=wanted.fps)


def encoding(options: types.EncodingOptions | None) -> types.EncodingOptions:
    """The options, or none."""
    return options or types.EncodingOptions()


def _running(services: Services, session_id: str) -> Stream:
    session = services.cameras.get(session_id)
    if session is None:
        raise InvalidStateError(f"session {session_id} has ended", hint="Start a new session.")
    return session.stream
