"""The failures of an RTSP session. `diagnosis` turns them into errors of the contract, with hints.

RtspError
├── ConnectError       no TCP connection
├── TimedOutError      the camera did not answer in time
├── NotRtspError       the server speaks another protocol
├── MalformedError     a message or description that breaks the protocol or a limit
├── StatusError        the camera refused a request
├── RedirectedError    the camera names another address
├── TooManyRedirectsError  one redirect follows another
├── LoginLeftBehindError   the target of a redirect requires a login, which is not sent to another host
├── NoVideoError       the description has no video
├── EncryptedError     the description has encrypted video only
├── EncodingError      the description has unsupported encodings only
├── NoPictureError     no access unit can be decoded
└── StreamEndedError   the camera ended the stream or the connection
"""

from __future__ import annotations

from typing import Literal


class RtspError(Exception):
    """A failure of an RTSP session. Its text is for developers and quotes no data of the camera."""


class ConnectError(RtspError):
    """The TCP connection to the camera failed."""

    def __init__(self, reason: Literal["unknown host", "refused", "no route", "timeout"]) -> None:
        super().__init__(reason)
        self.reason = reason


class TimedOutError(RtspError):
    """The camera was silent for too long. `step` is the method of a request, "pictures", or "datagrams" over UDP."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


class NotRtspError(RtspError):
    """The server's first bytes are not RTSP. `protocol` is the name of its protocol, if it is known."""

    def __init__(self, protocol: Literal["HTTP", "another protocol"]) -> None:
        super().__init__(protocol)
        self.protocol = protocol


class MalformedError(RtspError):
    """A message or a description breaks the protocol or a limit of this client."""


class StatusError(RtspError):
    """The camera refused the request `method` with `status`. `had_login` is true when a login was sent."""

    def __init__(self, status: int, method: str, *, had_login: bool) -> None:
        super().__init__(f"{method}: {status}")
        self.status = status
        self.method = method
        self.had_login = had_login


class RedirectedError(RtspError):
    """The camera names another address. `location` is the value of its Location header."""

    def __init__(self, location: str) -> None:
        super().__init__("redirected")
        self.location = location


class TooManyRedirectsError(RtspError):
    """Redirects follow each other without a picture between them."""


class LoginLeftBehindError(RtspError):
    """The target of a redirect requires a login, and the login is not sent to another host or port."""


class NoPictureError(RtspError):
    """The camera sends packets, but no access unit can be decoded."""


class NoVideoError(RtspError):
    """The description has no video."""


class EncryptedError(RtspError):
    """The description has only video under SRTP (RFC 3711), which needs a key exchange."""


class EncodingError(RtspError):
    """No encoding of the video is supported. `encoding` is the name of the first one."""

    def __init__(self, encoding: str) -> None:
        super().__init__(encoding)
        self.encoding = encoding


class StreamEndedError(RtspError):
    """The camera ended the stream or the connection."""
