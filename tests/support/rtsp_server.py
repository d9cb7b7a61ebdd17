"""A network camera: an RTSP server (RFC 2326) on loopback with one video and faults on demand."""

from __future__ import annotations

import contextlib
import hashlib
import re
import socket
import struct
import threading
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from tests.support.encoded_pictures import CLOCK_RATE, SIZE, EncodedPictures, EncodingName, encoded_pictures

__all__ = ["SIZE", "Behaviour", "RtpPackets", "RtspServer"]

NONCES = ("first-nonce", "second-nonce")


@dataclass(frozen=True)
class RtpPackets:
    """The RTP packets of a stream and their faults.

    `marker`: the last packet of a picture has the marker bit. `in_band` and `in_description`: the places of the
    parameter sets. `jump`: a jump of the time stamps in the second half. `order`: the order of the packets of the whole
    stream. `lost`: the packets that are not sent, by their index.
    """

    marker: bool = True
    in_band: bool = True
    in_description: bool = True
    jump: int = 0
    order: Sequence[int] | None = None
    lost: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Behaviour:
    """The properties and faults of a network camera.

    `statuses`: the statuses of the answers by method, other than 200. `headers`: further headers by method. `login`:
    user and password, required with `scheme`; the first nonce `is_stale` after one request. `transports`: allowed
    by SETUP. `description`: the description's lines in place of the camera's lines for its video.
    `first_bytes`: the answer to every request. `between`: bytes before each packet. `session`: the Session header.
    """

    encoding: EncodingName = "H264"
    statuses: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    login: tuple[str, str] | None = None
    scheme: str = "Digest"
    is_stale: bool = False
    transports: tuple[str, ...] = ("tcp", "udp")
    description: Sequence[str] | None = None
    content_length: int | None = None
    first_bytes: bytes | None = None
    between: bytes = b""
    packets: RtpPackets = RtpPackets()
    session: str = "1"
    host: str = "127.0.0.1"
    after_pictures: bytes = b""


class RtspServer:
    """Serves one client after the other until it is closed; each gets `count` pictures once.

    `hangs_up`: end the connection after the last picture. `status`: the status of every answer. `port`: the port of a
    previous server.
    """

    def __init__(
        self,
        count: int = 4,
        *,
        hangs_up: bool = False,
        status: str = "200 OK",
        port: int = 0,
        behaviour: Behaviour | None = None,
    ) -> None:
        self._behaviour = behaviour or Behaviour()
        self._pictures = encoded_pictures(self._behaviour.encoding, count, in_band=self._behaviour.packets.in_band)
        self._hangs_up = hangs_up
        self._status = status
        family = socket.AF_INET6 if ":" in self._behaviour.host else socket.AF_INET
        self._listener = socket.create_server((self._behaviour.host, port), family=family)
        self._clients: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._changed = threading.Condition()
        self.requests: list[str] = []
        self.heads: list[str] = []
        self.ports: UdpPair | None = None
        self.port: int = self._listener.getsockname()[1]
        place = f"[{self._behaviour.host}]" if ":" in self._behaviour.host else self._behaviour.host
        self.url = f"rtsp://{place}:{self.port}/stream"

    def __enter__(self) -> RtspServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _close(self._listener)
        for _ in range(100):  # one more client may have come just now
            for client in tuple(self._clients):
                _close(client)
            self._thread.join(0.1)
            if not self._thread.is_alive():
                break
        if self.ports is not None:
            self.ports.close()

    def wait_for(self, method: str, count: int = 1, timeout: float = 10) -> bool:
        """Return whether a method is requested so often within the time."""
        with self._changed:
            return self._changed.wait_for(lambda: self.requests.count(method) >= count, timeout)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._clients.append(client)
                with contextlib.suppress(OSError):
                    self._talk(client)
                client.close()

    def _talk(self, client: socket.socket) -> None:
        for head in self._requests(client):
            if self._behaviour.first_bytes is not None:
                client.sendall(self._behaviour.first_bytes)
                continue
            method = head.split()[0]
            answer, is_played = self._answer(method, head, client)
            client.sendall(answer)
            if is_played:
                self._send(client)
                client.sendall(self._behaviour.after_pictures)
                if self._hangs_up:
                    return

    def _requests(self, client: socket.socket) -> Iterator[str]:
        """The head of each request; RTCP and answers of the client in between are skipped."""
        received = b""
        while data := client.recv(4096):
            received += data
            while b"\r\n\r\n" in received:
                head, received = received.split(b"\r\n\r\n", 1)
                found = re.search(rb"[A-Z_]+ (rtsp://\S+|\*) RTSP/1\.0\r\n.*", head, re.DOTALL)
                if found is not None:
                    text = found[0].decode("latin-1")
                    with self._changed:
                        self.heads.append(text)
                        self.requests.append(text.split()[0])
                        self._changed.notify_all()
                    yield text

    def _answer(self, method: str, head: str, client: socket.socket) -> tuple[bytes, bool]:
        """Return the bytes of an answer, and whether pictures follow."""
        status, body = self._behaviour.statuses.get(method, self._status), ""
        headers = [f"CSeq: {_header(head, 'CSeq')}", f"Session: {self._behaviour.session}"]
        headers += self._behaviour.headers.get(method, ())
        challenge = self._challenge(method, head) if method != "OPTIONS" else None
        if challenge is not None:
            status = "401 Unauthorized"
            headers.append(challenge)
        elif method == "OPTIONS":
            headers.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER")
        elif method == "SETUP" and status.startswith("200"):
            transport = self._transport(_header(head, "Transport"), client)
            status, headers = (status, [*headers, transport]) if transport else ("461 Unsupported Transport", headers)
        elif method == "DESCRIBE" and status.startswith("200"):
            body = self._description()
            length = self._behaviour.content_length or len(body)
            headers += ["Content-Type: application/sdp", f"Content-Length: {length}"]
        lines = [f"RTSP/1.0 {status}", *headers]
        is_played = method == "PLAY" and status.startswith("200")
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode(), is_played

    def _transport(self, asked: str, client: socket.socket) -> str | None:
        if "TCP" in asked:
            allowed = "tcp" in self._behaviour.transports
            return "Transport: RTP/AVP/TCP;unicast;interleaved=0-1" if allowed else None
        if "udp" not in self._behaviour.transports:
            return None
        client_port = int((re.search(r"client_port=(\d+)", asked) or ["", "0"])[1])
        self.ports = UdpPair(client.getsockname()[0], client.getpeername()[0], client_port)
        return f"Transport: RTP/AVP;unicast;client_port={client_port}-{client_port + 1};{self.ports.parameter}"

    def _description(self) -> str:
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=camera", "t=0 0"]
        if self._behaviour.description is not None:
            return "\r\n".join([*lines, *self._behaviour.description, ""])
        own = self._pictures.lines if self._behaviour.packets.in_description else self._pictures.lines_without_sets
        lines += [f"m=video 0 RTP/AVP {self._pictures.payload_type}", *own, "a=control:track"]
        return "\r\n".join([*lines, ""])

    def _send(self, client: socket.socket) -> None:
        packets = list(
            rtp_packets(self._pictures, marker=self._behaviour.packets.marker, jump=self._behaviour.packets.jump)
        )
        for index in self._behaviour.packets.order or range(len(packets)):
            if index in self._behaviour.packets.lost:
                continue
            if self.ports is not None:
                self.ports.send(packets[index])
            else:
                frame = struct.pack("!cBH", b"$", 0, len(packets[index])) + packets[index]
                client.sendall(self._behaviour.between + frame)

    # -- the login ----------------------------------------------------------------------------------------------------

    def _challenge(self, method: str, head: str) -> str | None:
        """Return the header that requires a login, None for a request with the login or without a need for one."""
        if self._behaviour.login is None:
            return None
        authorization = _header(head, "Authorization")
        if self._behaviour.scheme == "Basic":
            sent = b64decode(authorization.removeprefix("Basic ") or b"").decode()
            return None if sent == ":".join(self._behaviour.login) else 'WWW-Authenticate: Basic realm="camera"'
        nonce = NONCES[1] if self._behaviour.is_stale and method != "DESCRIBE" else NONCES[0]
        if self._is_right(method, nonce, dict(re.findall(r'(\w+)="?([^",]*)', authorization))):
            return None
        stale = ", stale=true" if nonce != NONCES[0] else ""
        return f'WWW-Authenticate: Digest realm="camera", nonce="{nonce}"{self._digest_parameters()}{stale}'

    def _digest_parameters(self) -> str:
        return {"Digest": "", "Digest SHA-256": ', algorithm=SHA-256, qop="auth"'}[self._behaviour.scheme]

    def _is_right(self, method: str, nonce: str, given: Mapping[str, str]) -> bool:
        if self._behaviour.login is None or given.get("nonce") != nonce:
            return False
        name = "sha256" if "SHA-256" in self._behaviour.scheme else "md5"
        user, password = self._behaviour.login
        secret = _digest(name, f"{user}:camera:{password}")
        target = _digest(name, f"{method}:{given.get('uri')}")
        middle = f"{given.get('nc')}:{given.get('cnonce')}:auth:" if "qop" in given else ""
        return given.get("response") == _digest(name, f"{secret}:{nonce}:{middle}{target}")


class UdpPair:
    """The camera's UDP ports for one client."""

    def __init__(self, host: str, client: str, client_port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.rtp, self.rtcp = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
        for one in (self.rtp, self.rtcp):
            one.bind((host, 0))
            one.settimeout(10)
        self.client = client, client_port
        self.parameter = f"server_port={self.rtp.getsockname()[1]}-{self.rtcp.getsockname()[1]}"

    def send(self, packet: bytes) -> None:
        """Send an RTP packet to the client."""
        self.rtp.sendto(packet, self.client)

    def close(self) -> None:
        """Give the ports back."""
        self.rtp.close()
        self.rtcp.close()


def rtp_packets(pictures: EncodedPictures, *, marker: bool, jump: int) -> Iterator[bytes]:
    """Every payload as an RTP packet (RFC 3550, section 5.1); `jump` is added to the time stamps of the second half."""
    sequence = 0
    for number, payloads in enumerate(pictures.payloads):
        timestamp = number * CLOCK_RATE // 30 + (jump if number >= len(pictures.payloads) / 2 else 0)
        for index, payload in enumerate(payloads):
            mark = 0x80 if marker and index == len(payloads) - 1 else 0
            header = (0x80, mark | pictures.payload_type, sequence % 65536, timestamp % (1 << 32), 1)
            yield struct.pack("!BBHII", *header) + payload
            sequence += 1


def _header(head: str, name: str) -> str:
    found = re.search(rf"^{name}: *(.*?)\r?$", head, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def _digest(name: str, text: str) -> str:
    return hashlib.new(name, text.encode()).hexdigest()


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
