"""An RTSP session from OPTIONS to TEARDOWN (RFC 2326, section 10), and its RTP packets."""

from __future__ import annotations

import logging
import re
import secrets
import socket
import time
from collections.abc import Iterator
from typing import Final, TypeAlias

from sidecar.cameras.rtsp import transport
from sidecar.cameras.rtsp.authentication import Login
from sidecar.cameras.rtsp.connection import RtspConnection, Wakeup
from sidecar.cameras.rtsp.control import Control
from sidecar.cameras.rtsp.description import VideoDescription, control_url, printable, read_description
from sidecar.cameras.rtsp.errors import RtspError, StatusError, StreamEndedError, TimedOutError
from sidecar.cameras.rtsp.messages import InterleavedFrame, Response
from sidecar.cameras.rtsp.receiver import Receiver
from sidecar.cameras.rtsp.rtp import RtpPacket
from sidecar.cameras.rtsp.transport import Interleaved, TransportName, UdpPorts
from sidecar.cameras.sources.rtsp_url import RtspSource

logger = logging.getLogger(__name__)

DEFAULT_TIMEOUT: Final = 60
"""Seconds after which a camera ends a session without a request (RFC 2326, section 12.37)."""

REPORT_INTERVAL: Final = 5.0
"""Seconds between two receiver reports (RFC 3550, section 6.2)."""

TEARDOWN_TIMEOUT: Final = 0.3
"""Seconds that TEARDOWN may take."""

DATAGRAMS_AT_ONCE: Final = 64
"""The number of datagrams that are read of one socket before the other sockets have their turn."""

UNSUPPORTED_TRANSPORT: Final = 461
"""The status "Unsupported transport" (RFC 2326, section 11.3.9)."""

_SESSION = re.compile(r"([\x21-\x3a\x3c-\x7e]{1,256})[ \t]*(?:;.*?timeout[ \t]*=[ \t]*(\d{1,6}))?", re.IGNORECASE)

MediaTransport: TypeAlias = "Interleaved | UdpPorts"


class RtspSession:
    """One session on one connection. Its owner calls `close`, also after an error."""

    def __init__(self, source: RtspSource, wakeup: Wakeup, deadline: float, shortest_session: float) -> None:
        """Connect by `deadline` (time.monotonic()). Raises ConnectError.

        `shortest_session` is the lower bound of the camera's session timeout, in seconds.
        """
        self._connection = RtspConnection(source.host, source.port, deadline, wakeup)
        self._control = Control(self._connection, Login(source.user, source.password))
        self._url = printable(source.request_url)
        self._path: MediaTransport | None = None
        self._ssrc = secrets.randbits(32)
        self._keep_alive_method = "OPTIONS"
        self._shortest_session = shortest_session
        self._keep_alive_interval = DEFAULT_TIMEOUT / 2
        self._next_request = self._next_report = float("inf")
        self._receiver: Receiver | None = None

    def play(self, first: TransportName, deadline: float) -> VideoDescription:
        """Set up and play the video; return its description. Raises RtspError."""
        self._ask_options(deadline)
        description, base = self._describe(deadline)
        self._set_up(control_url(base, description.control), first, deadline)
        self._receiver = Receiver(description, self._ssrc, reorders=isinstance(self._path, UdpPorts))
        aggregate = control_url(base, description.aggregate)
        self._control.request("PLAY", aggregate, deadline, [("Range", "npt=0.000-")])
        self._url = aggregate
        if isinstance(self._path, UdpPorts):
            self._path.playing()
        now = time.monotonic()
        self._next_request, self._next_report = now + self._keep_alive_interval, now + REPORT_INTERVAL
        return description

    def packets(self, timeout: float) -> Iterator[RtpPacket]:
        """Yield the packets in order. Raises RtspError, and TimedOutError after `timeout` seconds without a packet."""
        receiver = self._playing()
        silent_since = time.monotonic()
        while True:
            now = time.monotonic()
            self._send_due(receiver, now)
            self._read_messages(receiver, now)
            receiver.expire(now)
            if receiver.has_packets:
                silent_since = now
                yield from receiver.take()
                continue
            if receiver.has_ended:
                raise StreamEndedError("BYE")
            if now - silent_since >= timeout:
                raise TimedOutError("datagrams" if isinstance(self._path, UdpPorts) else "pictures")
            self._wait(receiver, min(silent_since + timeout, self._next_due, receiver.deadline()) - now)

    @property
    def _next_due(self) -> float:
        return min(self._next_request, self._next_report)

    def close(self) -> None:
        """End the session and close its sockets, within TEARDOWN_TIMEOUT. Call it once."""
        if self._path is not None:
            self._connection.ignore_wakeup()
            self._control.tear_down(self._url, TEARDOWN_TIMEOUT)
        self._connection.close()
        if isinstance(self._path, UdpPorts):
            self._path.close()

    # -- set-up -------------------------------------------------------------------------------------------------------

    def _ask_options(self, deadline: float) -> None:
        try:
            methods = self._control.request("OPTIONS", self._url, deadline).headers.get("Public") or ""
        except StatusError:  # some cameras do not support OPTIONS; DESCRIBE reports any other error again
            return
        if "GET_PARAMETER" in re.split(r"[\s,]+", methods.upper()):
            self._keep_alive_method = "GET_PARAMETER"

    def _describe(self, deadline: float) -> tuple[VideoDescription, str]:
        response = self._control.request("DESCRIBE", self._url, deadline, [("Accept", "application/sdp")])
        base = response.headers.get("Content-Base") or response.headers.get("Content-Location") or ""
        return read_description(response.body), control_url(self._url, base)

    def _set_up(self, url: str, first: TransportName, deadline: float) -> None:
        second: TransportName = "udp" if first == "tcp" else "tcp"
        try:
            self._try_transport(url, first, deadline)
        except StatusError as error:
            if error.status != UNSUPPORTED_TRANSPORT:
                raise
            logger.info("the camera refuses RTP over %s: trying %s", first, second)
            self._try_transport(url, second, deadline)

    def _try_transport(self, url: str, name: TransportName, deadline: float) -> None:
        ports = None
        try:
            if name == "udp":
                ports = _udp_ports(self._connection)
            asked = ports.request() if ports is not None else transport.interleaved_request()
            response = self._control.request("SETUP", url, deadline, [("Transport", asked)])
            self._take_session(response)
            self._take_transport(response, ports)
        except BaseException:
            if ports is not None:
                ports.close()
            raise

    def _take_session(self, response: Response) -> None:
        found = _SESSION.match(response.headers.get("Session") or "")
        if found is None:
            return  # some cameras have one session for each connection, without an identifier
        self._control.set_session(found[1])
        timeout = int(found[2]) if found[2] else DEFAULT_TIMEOUT
        self._keep_alive_interval = max(timeout, self._shortest_session) / 2

    def _take_transport(self, response: Response, ports: UdpPorts | None) -> None:
        answer = transport.read_transport(response.headers.get("Transport"))
        is_tcp = answer["protocol"].endswith("/TCP") or "interleaved" in answer
        if is_tcp != (ports is None):
            raise StatusError(UNSUPPORTED_TRANSPORT, "SETUP", had_login=False)
        if ports is None:
            self._path = channels = transport.read_interleaved(answer)
            self._control.reader.channels = frozenset((channels.rtp, channels.rtcp))
            return
        ports.start(answer, self._ssrc)
        self._path = ports
        self._connection.watch(ports.rtp)
        self._connection.watch(ports.rtcp)

    # -- reception ----------------------------------------------------------------------------------------------------

    def _playing(self) -> Receiver:
        if self._receiver is None:
            raise RtspError("the session does not play")
        return self._receiver

    def _read_messages(self, receiver: Receiver, now: float) -> None:
        """Read messages up to the first packet, which is delivered before a later message can end the stream."""
        while self._control.early_frames:
            self._take_frame(receiver, self._control.early_frames.popleft(), now)
        while not receiver.has_packets and (message := self._control.reader.next()) is not None:
            if isinstance(message, InterleavedFrame):
                self._take_frame(receiver, message, now)
            elif (status := self._control.handle(message)) is not None:
                self._check_keep_alive(status)

    def _take_frame(self, receiver: Receiver, frame: InterleavedFrame, now: float) -> None:
        if isinstance(self._path, Interleaved):
            if frame.channel == self._path.rtp:
                receiver.rtp(frame.data, now)
            elif frame.channel == self._path.rtcp:
                receiver.rtcp(frame.data, now)

    def _wait(self, receiver: Receiver, timeout: float) -> None:
        """Wait until a socket is readable, and read once from each readable socket."""
        for ready in self._connection.wait(timeout):
            if self._connection.is_control(ready):
                self._control.reader.feed(self._connection.receive())
            elif isinstance(self._path, UdpPorts):
                self._read_datagrams(receiver, self._path, ready)

    def _read_datagrams(self, receiver: Receiver, ports: UdpPorts, ready: socket.socket) -> None:
        now = time.monotonic()
        take = receiver.rtp if ready is ports.rtp else receiver.rtcp
        for _ in range(DATAGRAMS_AT_ONCE):
            data = ports.receive(ready)
            if data is None:
                return
            take(data, now)

    def _send_due(self, receiver: Receiver, now: float) -> None:
        if now >= self._next_request:
            self._next_request = now + self._keep_alive_interval
            self._control.keep_alive(self._keep_alive_method, self._url)
        if now >= self._next_report:
            self._next_report = now + REPORT_INTERVAL
            report = receiver.report(now)
            if report is not None and isinstance(self._path, UdpPorts):
                self._path.report(report)
            elif report is not None and isinstance(self._path, Interleaved):
                self._control.send_frame(self._path.rtcp, report)

    def _check_keep_alive(self, status: int) -> None:
        """Handle the status of a keep-alive response: the session has ended, or the camera lacks the method."""
        if status == 454:
            raise StreamEndedError("the session is over")
        if status in (405, 501, 551):
            self._keep_alive_method = "OPTIONS"


def _udp_ports(connection: RtspConnection) -> UdpPorts:
    try:
        return UdpPorts(connection.family, connection.peer)
    except OSError as error:
        raise RtspError("no pair of UDP ports is free") from error
