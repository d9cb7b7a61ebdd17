"""The contract's errors: one class for each kind.

    ContractError
    ├── CameraNotFoundError          1001
    ├── CameraBusyError              1002
    ├── CameraPermissionDeniedError  1003
    ├── CameraFailedError            1004
    ├── SourceNotAllowedError        1005
    ├── FormatNotSupportedError      1006
    ├── ConnectionNotFoundError      1101
    ├── InvalidStateError            1102
    ├── InvalidSdpError              1103
    ├── InvalidCandidateError        1104
    ├── IceServerNotAllowedError     1105
    ├── SessionNotFoundError         1201
    ├── LimitExceededError           1301
    ├── EncoderFailedError           1401
    └── ShuttingDownError            1901

The codes are outside -32768…-32000, the range that JSON-RPC 2.0 (section 5.1) reserves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field


class ErrorData(BaseModel):
    """The `data` member of an error of the contract."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    kind: str = Field(description="the error's name, for programs")
    retryable: bool = Field(description="whether the same request can succeed later without a change")
    hint: str = Field(description="one sentence that tells a person what to do")
    details: dict[str, Any] | None = Field(default=None, description="further facts, by kind")


class ContractError(Exception):
    """A failure that the contract names.

    `message` describes the failure, `hint` the remedy for a person, and `details` (JSON values only) has the facts for
    a program. None of them carries Python's text of an exception, a traceback or a path of the user's home.
    """

    code: ClassVar[int]
    kind: ClassVar[str]
    retryable: ClassVar[bool] = False
    default_hint: ClassVar[str]

    def __init__(self, message: str, *, hint: str | None = None, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint
        self.details = dict(details) if details is not None else None

    def data(self) -> ErrorData:
        """Return the `data` member that is sent beside the code and the message."""
        return ErrorData(kind=self.kind, retryable=self.retryable, hint=self.hint, details=self.details)


class CameraNotFoundError(ContractError):
    """No camera has this device_id; `details.available` lists the ids of the available cameras."""

    code, kind, retryable = 1001, "camera_not_found", True
    default_hint = "Plug the camera in, or choose one of those that get_available_cameras lists."


class CameraBusyError(ContractError):
    """Another program holds the camera; `details.holder` names it where the system says which."""

    code, kind, retryable = 1002, "camera_busy", True
    default_hint = "Close the other program that uses the camera, then try again."


class CameraPermissionDeniedError(ContractError):
    """The system does not let this process use the camera."""

    code, kind = 1003, "camera_permission_denied"
    default_hint = "Allow this app to use the camera in the system's privacy settings, then try again."


class CameraFailedError(ContractError):
    """The camera is present and free, but does not deliver pictures."""

    code, kind, retryable = 1004, "camera_failed", True
    default_hint = "Unplug the camera and plug it in again, or restart the app."


class SourceNotAllowedError(ContractError):
    """A source that no --allow-source pattern of the command line allows, or no valid source; the hint says why."""

    code, kind = 1005, "source_not_allowed"
    default_hint = "Start the sidecar with --allow-source and a pattern that covers this source, its port included."


class FormatNotSupportedError(ContractError):
    """A camera with one format was asked for another one; `details` has its width, height and fps."""

    code, kind = 1006, "format_not_supported"
    default_hint = "Leave the format out: a file or a network camera keeps its own."


class ConnectionNotFoundError(ContractError):
    """No connection has this connection_id."""

    code, kind = 1101, "connection_not_found"
    default_hint = "Start a new session; this connection never existed or was closed long ago."


class InvalidStateError(ContractError):
    """The method does not fit the connection's state (W3C WebRTC, InvalidStateError)."""

    code, kind = 1102, "invalid_state"
    default_hint = "Call the methods in the order of the signalling: offer, answer, candidates."


class InvalidSdpError(ContractError):
    """The session description cannot be used."""

    code, kind = 1103, "invalid_sdp"
    default_hint = "Pass the sdp and its type exactly as the other peer's RTCPeerConnection gave them."


class InvalidCandidateError(ContractError):
    """The ICE candidate cannot be read or belongs to no media section."""

    code, kind = 1104, "invalid_candidate"
    default_hint = "Pass the candidate exactly as the icecandidate event gave it."


class IceServerNotAllowedError(ContractError):
    """A STUN or TURN server that the command line does not allow; `details.server` names it, without its login."""

    code, kind = 1105, "ice_server_not_allowed"
    default_hint = "Start the sidecar with --allow-ice-server and a pattern that covers this server, or leave it out."


class SessionNotFoundError(ContractError):
    """No session has this session_id."""

    code, kind = 1201, "session_not_found"
    default_hint = "Use the session_id that start_streaming or start_camera_webrtc_session returned."


class LimitExceededError(ContractError):
    """One more would pass a limit; `details.limit` names it, `details.maximum` says how many there may be."""

    code, kind, retryable = 1301, "limit_exceeded", True
    default_hint = "Close what is no longer needed, then try again."


class EncoderFailedError(ContractError):
    """The encoder cannot be opened with these settings, or has failed."""

    code, kind = 1401, "encoder_failed"
    default_hint = "Ask for a smaller picture or leave the encoding settings out."


class ShuttingDownError(ContractError):
    """The sidecar is about to end and takes no new work."""

    code, kind = 1901, "shutting_down"
    default_hint = "Start the sidecar again."


CAMERA_ERRORS: tuple[type[ContractError], ...] = (
    CameraNotFoundError,
    CameraBusyError,
    CameraPermissionDeniedError,
    CameraFailedError,
    SourceNotAllowedError,
    LimitExceededError,
    EncoderFailedError,
)
"""The errors of every method that opens a camera."""

ERRORS: tuple[type[ContractError], ...] = (
    CameraNotFoundError,
    CameraBusyError,
    CameraPermissionDeniedError,
    CameraFailedError,
    SourceNotAllowedError,
    FormatNotSupportedError,
    ConnectionNotFoundError,
    InvalidStateError,
    InvalidSdpError,
    InvalidCandidateError,
    IceServerNotAllowedError,
    SessionNotFoundError,
    LimitExceededError,
    EncoderFailedError,
    ShuttingDownError,
)
