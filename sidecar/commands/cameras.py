"""Methods about cameras and their sessions."""

from __future__ import annotations

from sidecar.cameras.describe import describe, describe_format
from sidecar.cameras.device import RequestedFormat
from sidecar.commands.handlers import handles
from sidecar.commands.services import Services
from sidecar.contract import types
from sidecar.contract.methods import cameras as contract
from sidecar.contract.models import Empty


@handles(contract.GET_AVAILABLE_CAMERAS)
async def get_available_cameras(services: Services, params: Empty) -> contract.CamerasResult:
    """List the cameras."""
    devices = await services.drivers.available()
    return contract.CamerasResult(cameras=[describe(device) for device in devices])


@handles(contract.REQUEST_CAMERA_PERMISSION)
async def request_camera_permission(services: Services, params: contract.PermissionParams) -> contract.PermissionResult:
    """Ask the system, and through it the user where it asks, whether this process may use a camera."""
    status, hint = await services.drivers.request_permission(params.device_id)
    return contract.PermissionResult(status=status, hint=hint)


@handles(contract.START_STREAMING)
async def start_streaming(services: Services, params: contract.StartStreamingParams) -> contract.StartStreamingResult:
    """Open a session without a connection."""
    session = await services.sessions.open(
        params.device_id, requested_format(params.format), encoding_options(params.encoding)
    )
    return contract.StartStreamingResult(
        session_id=session.session_id,
        device_id=session.stream.device.device_id,
        format=describe_format(session.stream.format),
    )


@handles(contract.STOP_STREAMING)
async def stop_streaming(services: Services, params: contract.SessionParams) -> contract.StopStreamingResult:
    """End a session."""
    ended = await services.sessions.close(params.session_id)
    return contract.StopStreamingResult(
        session_id=ended.session_id,
        device_id=ended.device_id,
        camera_released=ended.camera_released,
        already_stopped=ended.already_stopped,
    )


def requested_format(requested: types.RequestedFormat | None) -> RequestedFormat:
    """Return the format of a request in the form of the cameras' room; every part of it is optional."""
    if requested is None:
        return RequestedFormat()
    return RequestedFormat(width=requested.width, height=requested.height, fps=requested.fps)


def encoding_options(options: types.EncodingOptions | None) -> types.EncodingOptions:
    """Return the encoding options of a request; without them, the defaults."""
    return options or types.EncodingOptions()
