"""Methods about cameras and their sessions."""

from __future__ import annotations

import time
from typing import Final

from sidecar.cameras.describe import describe, describe_format
from sidecar.cameras.device import RequestedFormat
from sidecar.commands.handlers import handles
from sidecar.commands.services import Services
from sidecar.contract import types
from sidecar.contract.errors import LimitExceededError
from sidecar.contract.limits import MAX_PHOTO_BYTES
from sidecar.contract.methods import cameras as contract
from sidecar.contract.models import Empty
from sidecar.media.photo import PhotoOptions

DEFAULT_QUALITY: Final = 0.92
"""The quality of a JPEG without a request, as in HTMLCanvasElement.toBlob() of Chromium."""

MAX_UNSENT: Final = 2 * MAX_PHOTO_BYTES
"""The bytes that the client may leave unread before a photo is refused: a full outbox ends the process."""


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


@handles(contract.SET_FORMAT)
async def set_format(services: Services, params: contract.SetFormatParams) -> contract.SetFormatResult:
    """Change the format of the session's camera for all its viewers."""
    stream = services.sessions.running(params.session_id).stream
    in_force = await stream.set_format(requested_format(params.format))
    return contract.SetFormatResult(
        session_id=params.session_id, device_id=stream.device.device_id, format=describe_format(in_force)
    )


@handles(contract.TAKE_PHOTO)
async def take_photo(services: Services, params: contract.TakePhotoParams) -> contract.TakePhotoResult:
    """Take a photo with the session's camera."""
    quality = params.quality if params.quality is not None else DEFAULT_QUALITY
    options = PhotoOptions(params.mime_type, quality, params.width, params.height)
    photo = await services.sessions.running(params.session_id).stream.take_photo(options)
    if services.bytes_unsent() > MAX_UNSENT:
        raise LimitExceededError(
            "the client has not read the previous answers yet",
            hint="Take photos one after the other.",
            details={"limit": "bytes_unsent", "maximum": MAX_UNSENT},
        )
    return contract.TakePhotoResult(
        mime_type=photo.mime_type,
        data=photo.base64,
        width=photo.width,
        height=photo.height,
        captured_wall_ms=(time.time() - (time.monotonic() - photo.captured_at)) * 1000,
    )


def requested_format(requested: types.RequestedFormat | None) -> RequestedFormat:
    """Return the format of a request in the form of the cameras' room; every part of it is optional."""
    if requested is None:
        return RequestedFormat()
    return RequestedFormat(width=requested.width, height=requested.height, fps=requested.fps)


def encoding_options(options: types.EncodingOptions | None) -> types.EncodingOptions:
    """Return the encoding options of a request; without them, the defaults."""
    return options or types.EncodingOptions()
