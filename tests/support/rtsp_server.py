"""A network camera: an RTSP server (RFC 2326) on loopback with one H.264 stream, interleaved in the TCP connection."""

from __future__ import annotations

import base64
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from fractions import Fraction
from types import TracebackType
from typing import cast

import av
import numpy as np

SIZE = (64, 48)
CLOCK_RATE = 90_000


def encoded_pictures(count: int) -> list[list[bytes]]:
    """The NAL units of `count` grey pictures, 20 steps of luma apart for the first ten, each in one packet's size."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = SIZE
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 30)
    encoder.options = {"tune": "zerolatency", "preset": "ultrafast", "x264-params": "annexb=1:info=0"}
    pictures = []
    for number in range(count):
        picture = av.VideoFrame.from_ndarray(np.full((SIZE[1] * 3 // 2, SIZE[0]), 60, np.uint8), format="yuv420p")
        picture.planes[0].update(bytes([40 + 20 * (number % 10)]) * picture.planes[0].buffer_size)
        picture.pts = number
        data = b"".join(bytes(cast(bytes, packet)) for packet in encoder.encode(picture))
        units = [unit.strip(b"\0") for unit in data.split(b"\0\0\1")]
        pictures.append([unit for unit in units if unit and unit[0] & 31 in (1, 5, 7, 8)])
    return pictures


class RtspServer:
    """Serves one client after the other until it is closed; `pictures` are sent once, and then nothing more.

    `hangs_up`: end the connection after the last picture. `status`: what every request is answered with. `port`: that
    of a server that was there before.
    """

    def __init__(self, count: int = 4, *, hangs_up: bool = False, status: str = "200 OK", port: int = 0) -> None:
        self._pictures = encoded_pictures(count)
        self._hangs_up = hangs_up
        self._status = status
        self._listener = socket.create_server(("127.0.0.1", port))
        self._clients: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.requests: list[str] = []
        self.port: int = self._listener.getsockname()[1]
        self.url = f"rtsp://127.0.0.1:{self.port}/stream"

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

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._clients.append(client)
                with contextlib.suppress(OSError):
                    self._talk(client)
                client.close()

    def _talk(self, client: socket.socket) -> None:
        for method, number in self._requests(client):
            self.requests.append(method)
            client.sendall(self._answer(method, number))
            if method == "PLAY":
                self._send(client)
                if self._hangs_up:
                    return

    def _requests(self, client: socket.socket) -> Iterator[tuple[str, str]]:
        """The method and CSeq of each request; what the client sends between them (RTCP) is skipped."""
        received = b""
        while data := client.recv(4096):
            received += data
            while b"\r\n\r\n" in received:
                head, received = received.split(b"\r\n\r\n", 1)
                lines = head[head.rfind(b"$") + 1 :].decode("latin-1").splitlines()
                number = next(line.partition(":")[2].strip() for line in lines if line.lower().startswith("cseq"))
                yield lines[0].split()[0], number

    def _answer(self, method: str, number: str) -> bytes:
        headers, body = [f"CSeq: {number}", "Session: 1"], ""
        if method == "OPTIONS":
            headers.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
        elif method == "SETUP":
            headers.append("Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        elif method == "DESCRIBE":
            body = self._description()
            headers += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        return ("\r\n".join([f"RTSP/1.0 {self._status}", *headers]) + "\r\n\r\n" + body).encode()

    def _description(self) -> str:
        sets = ",".join(base64.b64encode(unit).decode() for unit in self._pictures[0] if unit[0] & 31 in (7, 8))
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
            f"a=rtpmap:96 H264/{CLOCK_RATE}\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets={sets}\r\n"
            "a=control:track\r\n"
        )

    def _send(self, client: socket.socket) -> None:
        """Every NAL unit as an RTP packet of its own (RFC 6184, 5.6), framed as RFC 2326, 10.12 says."""
        sequence = 0
        for number, units in enumerate(self._pictures):
            for unit in units:
                marker = 0x80 if unit is units[-1] else 0
                header = struct.pack("!BBHII", 0x80, marker | 96, sequence, number * CLOCK_RATE // 30, 1)
                client.sendall(struct.pack("!cBH", b"$", 0, len(header) + len(unit)) + header + unit)
                sequence += 1


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
