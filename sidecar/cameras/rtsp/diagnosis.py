"""Errors of the contract for failed RTSP sessions, with hints for the user."""

from __future__ import annotations

import re
from typing import Final

from sidecar.cameras.rtsp.errors import (
    ConnectError,
    EncodingError,
    EncryptedError,
    LoginLeftBehindError,
    MalformedError,
    NoPictureError,
    NotRtspError,
    NoVideoError,
    RtspError,
    StatusError,
    StreamEndedError,
    TimedOutError,
    TooManyRedirectsError,
)
from sidecar.contract.errors import (
    CameraBusyError,
    CameraFailedError,
    CameraNotFoundError,
    CameraPermissionDeniedError,
    ContractError,
)

_SWITCHED_ON: Final = "Check the address, that the camera is on, and that a firewall lets this computer reach it."
_NETWORK: Final = "Check the network camera and the network."
_CONNECT_HINTS: Final = {
    "unknown host": "Check the host name for typing errors, or use the camera's address, as in rtsp://192.168.1.10/.",
    "refused": "Check the port (mostly 554 or 8554), and that RTSP is switched on in the camera's settings.",
    "no route": "Check that the camera is on and in the same network as this computer.",
    "timeout": _SWITCHED_ON,
}
_CONNECT_MESSAGES: Final = {
    "unknown host": "has a host name that cannot be resolved",
    "refused": "refuses the connection: no program listens on this port",
    "no route": "cannot be reached",
    "timeout": "did not accept the connection in time",
}

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,32}")


def contract_error(name: str, error: RtspError) -> ContractError:
    """Return the contract's error for a failure. `name` is the camera's name without secrets."""
    if isinstance(error, StatusError):
        return _of_status(name, error)
    if isinstance(error, ConnectError):
        kind = CameraNotFoundError if error.reason == "unknown host" else CameraFailedError
        return kind(f"{name} {_CONNECT_MESSAGES[error.reason]}.", hint=_CONNECT_HINTS[error.reason])
    if isinstance(error, TimedOutError):
        return _of_time_out(name, error)
    if isinstance(error, LoginLeftBehindError):
        return _denied(
            f"{name} redirects to an address that requires a user name and a password.",
            "Use that address with its login as the source: the present login is not sent to another host or port.",
        )
    message, hint = _message_and_hint(error)
    return CameraFailedError(f"{name} {message}.", hint=hint)


def _of_time_out(name: str, error: TimedOutError) -> ContractError:
    if error.step == "pictures":
        return CameraFailedError(f"{name} stopped sending.", hint=_NETWORK)
    if error.step == "datagrams":
        return CameraFailedError(
            f"{name} stopped sending.", hint=f"{_NETWORK[:-1]}; a firewall may stop its UDP packets."
        )
    return CameraFailedError(f"{name} did not answer {error.step} in time.", hint=_SWITCHED_ON)


def _message_and_hint(error: RtspError) -> tuple[str, str]:
    """Return the message, without the camera's name, and the hint of a failure that is a CameraFailedError."""
    match error:
        case NotRtspError(protocol="HTTP"):
            return "is a web server", "Use the RTSP port of the camera, mostly 554 or 8554."
        case NotRtspError():
            return "is a server without RTSP", "Check the port: the RTSP port of a camera is mostly 554 or 8554."
        case NoVideoError():
            return (
                "sends no video",
                "Choose another stream of the camera: this stream has only sound, or no media at all.",
            )
        case EncryptedError():
            return (
                "sends encrypted video (SRTP), which is not supported",
                "Switch encryption off for this stream in the camera's settings.",
            )
        case EncodingError():
            encoding = error.encoding if _PLAIN.fullmatch(error.encoding) else "unknown"
            return (
                f"sends {encoding} video, which is not supported",
                "Choose H.264, H.265, MPEG-4 or MJPEG in the camera's settings.",
            )
        case TooManyRedirectsError():
            return "redirects repeatedly", "Use the address of the stream itself as the source."
        case NoPictureError():
            return (
                "sends no picture that can be decoded",
                "Shorten the interval of keyframes (I-frames) in the camera's settings, or use its other stream.",
            )
        case StreamEndedError():
            return "stopped sending", _NETWORK
        case MalformedError():
            return "sends messages that break the RTSP protocol", "Update the camera's firmware, or use another stream."
    return "does not play", "Check the network camera, and restart the camera."


def _of_status(name: str, error: StatusError) -> ContractError:
    """Return the error for a status code (RFC 2326, section 11; RFC 7826, section 17)."""
    match error.status:
        case 401 if error.had_login:
            return _denied(f"{name} refuses the user name or the password.", "Check the user name and the password.")
        case 401:
            return _denied(
                f"{name} requires a user name and a password.",
                "Put both into the source: rtsp://user:password@host/path.",
            )
        case 403:
            return _denied(
                f"{name} does not allow this user to see the stream.",
                "Give the user the right to view, or allow this computer's address, in the camera's settings.",
            )
        case 404 | 410:
            return CameraNotFoundError(
                f"{name} has no stream of this path.", hint="Check the path of the address in the camera's manual."
            )
        case 453 | 503:
            return CameraBusyError(
                f"{name} has too many viewers.",
                hint="Close another program or recorder that shows this camera, or wait a minute and try again.",
            )
        case 454:
            return CameraFailedError(f"{name} ended the session.", hint="Start the camera again.")
        case 461:
            return CameraFailedError(
                f"{name} sends its video over neither TCP nor UDP.",
                hint="Switch unicast RTP on in the camera's settings; multicast alone is not supported.",
            )
        case 405 | 501 | 505 | 551:
            return CameraFailedError(
                f"{name} does not support {error.method} (status {error.status}).",
                hint="Check that the address is that of a camera's stream, and update the camera's firmware.",
            )
    return _of_other_status(name, error)


def _of_other_status(name: str, error: StatusError) -> ContractError:
    if error.status in (406, 415):
        return CameraFailedError(
            f"{name} does not describe its video in SDP (status {error.status}).",
            hint="Check that the address is that of a camera's stream, and update the camera's firmware.",
        )
    if error.status in (408, 504):
        return CameraFailedError(
            f"{name} reported a timeout (status {error.status}).",
            hint="Check the network between this computer and the camera, and try again.",
        )
    if error.status >= 500:
        hint = "Restart the camera, or wait until it has started, and check the path of the address."
        return CameraFailedError(f"{name} reported an internal error (status {error.status}).", hint=hint)
    return CameraFailedError(
        f"{name} refused {error.method} (status {error.status}).",
        hint="Check the path and the query of the address in the camera's manual.",
    )


def _denied(message: str, hint: str) -> ContractError:
    return CameraPermissionDeniedError(message, hint=hint)
