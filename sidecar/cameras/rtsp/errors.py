"""The failures of an RTSP session, before `diagnosis` says them to a person.

RtspError
├── ConnectError       no TCP connection
├── TimedOutError      the camera did not answer in time
├── NotRtspError       the server speaks another protocol
├── MalformedError     a message or description that breaks the protocol or a limit
├── StatusError        the camera refused a request
├── RedirectedError    the camera names another address
├── TooManyRedirectsError  redirects without an end
├── LoginLeftBehindError   the address of a redirect wants the login that it does not get
├── NoVideoError       the description has no video
├── EncryptedError     the description has encrypted video only
├── EncodingError      the description has only encodings that are not supported
├── NoPictureError     nothing that can be decoded
└── StreamEndedError   the camera ended the stream or the connection
"""

from __future__ import annotations

from typing import Literal


class RtspError(Exception):
    """A failure of an RTSP session. Its text is for developers and holds nothing that the camera sent."""


class ConnectError(RtspError):
    """There is no connection to the camera."""

    def __init__(self, reason: Literal["unknown host", "refused", "no route", "timeout"]) -> None:
        super().__init__(reason)
        self.reason = reason


class TimedOutError(RtspError):
    """The camera was silent for too long; `step` is the method of the request, "pictures", or "datagrams" over UDP."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


class NotRtspError(RtspError):
    """The server's first bytes are no RTSP; `protocol` names the protocol where it is known."""

    def __init__(self, protocol: Literal["HTTP", "another protocol"]) -> None:
        super().__init__(protocol)
        self.protocol = protocol


class MalformedError(RtspError):
    """A message or a description breaks the protocol or a limit of this client."""


class StatusError(RtspError):
    """The camera refused the request `method` with `status`; `had_login` tells whether a login was sent."""

    def __init__(self, status: int, method: str, *, had_login: bool) -> None:
        super().__init__(f"{method}: {status}")
        self.status = status
        self.method = method
        self.had_login = had_login


class RedirectedError(RtspError):
    """The camera names another address; `location` is what it sent."""

    def __init__(self, location: str) -> None:
        super().__init__("redirected")
        self.location = location


class TooManyRedirectsError(RtspError):
    """One redirect follows another, without a picture in between."""


class LoginLeftBehindError(RtspError):
    """The address that the camera redirects to wants a login, which no other host or port gets."""


class NoPictureError(RtspError):
    """The camera sends, but nothing that can be decoded."""


class NoVideoError(RtspError):
    """The description has no video."""


class EncryptedError(RtspError):
    """The description has video only under SRTP (RFC 3711), which needs a key exchange."""


class EncodingError(RtspError):
    """No encoding of the video is supported; `encoding` is the name of the first."""

    def __init__(self, encoding: str) -> None:
        super().__init__(encoding)
        self.encoding = encoding


class StreamEndedError(RtspError):
    """The camera ended the stream or the connection."""
