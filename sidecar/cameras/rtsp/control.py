"""Requests to a camera and its responses, one at a time, between its packets (RFC 2326, sections 9 and 10)."""

from __future__ import annotations

import contextlib
import struct
import time
from collections import deque
from collections.abc import Sequence
from typing import Final

from sidecar.cameras.rtsp.authentication import Login
from sidecar.cameras.rtsp.connection import RtspConnection
from sidecar.cameras.rtsp.errors import MalformedError, RedirectedError, RtspError, StatusError, TimedOutError
from sidecar.cameras.rtsp.messages import (
    InterleavedFrame,
    MessageReader,
    Request,
    Response,
    write_request,
    write_response,
)

USER_AGENT: Final = "camera-sidecar"
"""The User-Agent header without a version: cameras log it, and some refuse unknown user agents."""

LOGIN_TRIES: Final = 3
"""The number of times that a request is sent: without a login, with the login, and with a newer nonce."""

MAX_EARLY_FRAMES: Final = 4096
"""The number of interleaved frames that may arrive before the response to PLAY."""

SEND_TIMEOUT: Final = 2.0
"""Seconds that a playing camera may take to accept a request of some hundred bytes."""

REDIRECTS: Final = (301, 302, 303, 305, 307, 308)
ALLOWED_REQUESTS: Final = ("OPTIONS", "GET_PARAMETER", "SET_PARAMETER", "ANNOUNCE", "PLAY_NOTIFY")
"""The requests of a camera that are answered with 200; their content is not used."""

Fields = Sequence[tuple[str, str]]


class Control:
    """The control side of one connection: numbers requests, logs in, and answers the camera's own requests."""

    def __init__(self, connection: RtspConnection, login: Login) -> None:
        self._connection = connection
        self._login = login
        self._sequence = 0
        self._session: str | None = None
        self._unanswered: tuple[int, str, str] | None = None
        self.reader = MessageReader()
        self.early_frames: deque[InterleavedFrame] = deque(maxlen=MAX_EARLY_FRAMES)

    def set_session(self, session: str) -> None:
        """Send the session identifier with every further request."""
        self._session = session

    def request(self, method: str, url: str, deadline: float, fields: Fields = ()) -> Response:
        """Send a request and return its 2xx response.

        Raises RtspError; other statuses are a RedirectedError or a StatusError.
        """
        for _ in range(LOGIN_TRIES):
            self._send(method, url, deadline, fields)
            response = self._answer(method, deadline)
            if response.status != 401 or not self._login.accept(response.headers.all("WWW-Authenticate")):
                break
        if response.status in REDIRECTS:
            raise RedirectedError(_location(response))
        if not 200 <= response.status < 300:
            raise StatusError(response.status, method, had_login=self._login.is_known)
        return response

    def keep_alive(self, method: str, url: str) -> None:
        """Send a request without waiting; `handle` takes its response."""
        self._send(method, url, time.monotonic() + SEND_TIMEOUT, ())
        self._unanswered = self._sequence, method, url

    def handle(self, message: Request | Response) -> int | None:
        """Take a message between packets; return the status of a response to `keep_alive`.

        Raises RedirectedError for a REDIRECT request, which requires a new session.
        """
        if isinstance(message, Request):
            self._answer_request(message)
            return None
        if self._unanswered is None or message.headers.number("CSeq") not in (None, self._unanswered[0]):
            return None
        _, method, url = self._unanswered
        self._unanswered = None
        if message.status == 401 and self._login.accept(message.headers.all("WWW-Authenticate")):
            self.keep_alive(method, url)
            return None
        return message.status

    def send_frame(self, channel: int, data: bytes) -> None:
        """Send an RTCP packet inside the connection (RFC 2326, section 10.12)."""
        frame = struct.pack("!cBH", b"$", channel, len(data)) + data
        self._connection.send(frame, time.monotonic() + SEND_TIMEOUT, "RTCP")

    def tear_down(self, url: str, limit: float) -> None:
        """Send TEARDOWN and wait up to `limit` seconds for the response. Errors of the connection are ignored."""
        deadline = time.monotonic() + limit
        with contextlib.suppress(RtspError, OSError):
            self._send("TEARDOWN", url, deadline, ())
            self._answer("TEARDOWN", deadline)

    def _send(self, method: str, url: str, deadline: float, fields: Fields) -> None:
        self._sequence += 1
        own: list[tuple[str, str]] = [("User-Agent", USER_AGENT)]
        authorization = self._login.header(method, url)
        if authorization is not None:
            own.append(("Authorization", authorization))
        if self._session is not None:
            own.append(("Session", self._session))
        data = write_request(method, url, self._sequence, [*own, *fields])
        self._connection.send(data, deadline, method)

    def _answer(self, method: str, deadline: float) -> Response:
        while True:
            while (message := self.reader.next()) is not None:
                if isinstance(message, InterleavedFrame):
                    self.early_frames.append(message)
                elif isinstance(message, Request):
                    self._answer_request(message)
                elif message.status >= 200 and message.headers.number("CSeq") in (None, self._sequence):
                    return message
            self._wait(method, deadline)

    def _wait(self, method: str, deadline: float) -> None:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise TimedOutError(method)
        for ready in self._connection.wait(remaining):
            if self._connection.is_control(ready):
                self.reader.feed(self._connection.receive())

    def _answer_request(self, request: Request) -> None:
        status, reason = (200, "OK") if request.method in (*ALLOWED_REQUESTS, "REDIRECT") else (501, "Not Implemented")
        answer = write_response(status, reason, request.headers.get("CSeq") or "0")
        self._connection.send(answer, time.monotonic() + SEND_TIMEOUT, request.method)
        if request.method == "REDIRECT":
            raise RedirectedError(_location(request))


def _location(message: Request | Response) -> str:
    location = message.headers.get("Location")
    if not location:
        raise MalformedError("a redirect without a Location")
    return location
