"""Methods about cameras and the sessions that keep them open."""

from typing import Final, Literal

from pydantic import Field

from sidecar.contract import examples
from sidecar.contract.errors import (
    CAMERA_ERRORS,
    CameraNotFoundError,
    FormatNotSupportedError,
    InvalidStateError,
    SessionNotFoundError,
    SourceNotAllowedError,
)
from sidecar.contract.imports import CAMERA, CAMERA_LIST, PHOTO
from sidecar.contract.limits import MAX_HEIGHT, MAX_PHOTO_BYTES, MAX_WIDTH
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


class SetFormatParams(Params):
    session_id: SessionId
    format: RequestedFormat = Field(
        description="without width and height the size stays, and a width or a height alone is completed to 16:9; "
        "without fps the rate is the one requested before, by default 30"
    )


class SetFormatResult(Result):
    session_id: str
    device_id: str
    format: CameraFormat


PhotoType = Literal["image/jpeg", "image/png"]


class TakePhotoParams(Params):
    session_id: SessionId
    mime_type: PhotoType = "image/jpeg"
    quality: float | None = Field(default=None, ge=0, le=1, description="of a JPEG, by default 0.92; PNG ignores it")
    width: int | None = Field(
        default=None,
        ge=1,
        le=MAX_WIDTH,
        description="pixels: the photo is scaled down to be no wider, with its aspect ratio kept; never enlarged",
    )
    height: int | None = Field(
        default=None, ge=1, le=MAX_HEIGHT, description="pixels: no higher; with a width, the photo fits into both"
    )


class TakePhotoResult(Result):
    mime_type: PhotoType
    data: str = Field(description=f"the file in base64 (RFC 4648, section 4); at most {MAX_PHOTO_BYTES} bytes before")
    width: int = Field(description="pixels")
    height: int = Field(description="pixels")
    captured_wall_ms: float = Field(description="the capture time, milliseconds since 1970, by this machine's clock")


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

SET_FORMAT: Final = Method(
    name="set_format",
    summary="Change size and frame rate of an open camera for all its viewers, without renegotiation and without "
    "another connection. The camera gets the nearest format that it offers, and is opened again if it must; frames are "
    "left out for a lower rate alone. Calls for one camera are carried out one after the other. An error changes "
    "nothing. A camera that is lost has the new format when it returns.",
    params=SetFormatParams,
    result=SetFormatResult,
    errors=(SessionNotFoundError, InvalidStateError, FormatNotSupportedError, *CAMERA_ERRORS),
    permission="format",
    example=Example(
        {"session_id": examples.SESSION_ID, "format": {"width": 1280, "height": 720}},
        {"session_id": examples.SESSION_ID, "device_id": examples.DEVICE_ID, "format": examples.FORMAT},
    ),
)

TAKE_PHOTO: Final = Method(
    name="take_photo",
    summary="A photo of the first picture that the camera captures after the call: upright, in the camera's size and "
    "colours, before any encoding for the viewers. Photos of one camera are taken one after the other. While the "
    "camera is lost, the error is its reason.",
    params=TakePhotoParams,
    result=TakePhotoResult,
    errors=(SessionNotFoundError, InvalidStateError, *CAMERA_ERRORS),
    imports=PHOTO,
    permission="photo",
    example=Example(
        {"session_id": examples.SESSION_ID, "mime_type": "image/jpeg", "quality": 0.9, "width": 640},
        {
            "mime_type": "image/jpeg",
            "data": "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA==",
            "width": 640,
            "height": 360,
            "captured_wall_ms": 1767225600000.0,
        },
    ),
)
