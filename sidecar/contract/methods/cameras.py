"""Methods about cameras and the sessions that keep them open."""

from typing import Final

from pydantic import Field

from sidecar.contract import examples
from sidecar.contract.errors import CAMERA_ERRORS, CameraNotFoundError, SessionNotFoundError, SourceNotAllowedError
from sidecar.contract.imports import CAMERA, CAMERA_LIST
from sidecar.contract.method import Example, Method
from sidecar.contract.models import Empty, Params, Result
from sidecar.contract.types import (
    Camera,
    CameraFormat,
    DeviceId,
    EncodingOptions,
    PermissionStatus,
    RequestedFormat,
    SessionId,
)


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
    camera_released: bool = Field(description="whether no session uses the camera any more")
    already_stopped: bool


GET_AVAILABLE_CAMERAS: Final = Method(
    name="get_available_cameras",
    summary="List the cameras, the test pattern last.",
    params=Empty,
    result=CamerasResult,
    imports=CAMERA_LIST,
    example=Example({}, {"cameras": [examples.CAMERA, examples.TEST_PATTERN]}),
)

REQUEST_CAMERA_PERMISSION: Final = Method(
    name="request_camera_permission",
    summary="Ask for the permission to use a camera; macOS asks the user, other systems are only queried.",
    params=PermissionParams,
    result=PermissionResult,
    errors=(CameraNotFoundError, SourceNotAllowedError),
    imports=CAMERA_LIST,
    permission="prompt",
    example=Example({"device_id": examples.DEVICE_ID}, {"status": "granted", "hint": None}),
)

START_STREAMING: Final = Method(
    name="start_streaming",
    summary="Open a camera and keep it open until stop_streaming.",
    params=StartStreamingParams,
    result=StartStreamingResult,
    errors=CAMERA_ERRORS,
    imports=CAMERA,
    permission="streaming",
    example=Example(
        {"device_id": examples.DEVICE_ID, "format": {"width": 1280, "height": 720, "fps": 30.0}},
        {"session_id": examples.SESSION_ID, "device_id": examples.DEVICE_ID, "format": examples.FORMAT},
    ),
)

STOP_STREAMING: Final = Method(
    name="stop_streaming",
    summary="End a session; the last session of a camera releases it.",
    params=SessionParams,
    result=StopStreamingResult,
    errors=(SessionNotFoundError,),
    result_names_ended=True,
    example=Example(
        {"session_id": examples.SESSION_ID},
        {
            "session_id": examples.SESSION_ID,
            "device_id": examples.DEVICE_ID,
            "camera_released": True,
            "already_stopped": False,
        },
    ),
)
