"""The TCP connection of an RTSP session."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from typing import Any, Final, Literal, TypeAlias

from sidecar.cameras.rtsp.errors import ConnectError, StreamEndedError, TimedOutError

RECEIVE_BUFFER: Final = 1024 * 1024
"""The size of the socket's receive buffer, in bytes: a keyframe fits, which may arrive while a picture is decoded."""

_CHUNK: Final = 256 * 1024

MAX_ADDRESSES: Final = 4
"""The number of addresses of one host that are tried, each with its share of the time."""

Address: TypeAlias = "tuple[int, tuple[Any, ...]]"
"""An address family, and an address as connect() takes it."""


class Wakeup:
    """Ends the present wait in another thread, and all later ones."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)

    @property
    def reader(self) -> socket.socket:
        """The socket that `set` makes readable."""
        return self._reader

    def set(self) -> None:
        """Make `reader` readable. Callable from any thread, also after `close`."""
        with contextlib.suppress(OSError):
            self._writer.send(b"\0")

    def close(self) -> None:
        """Close both sockets."""
        self._reader.close()
        self._writer.close()


class RtspConnection:
    """A TCP connection to a camera, with the sockets that are polled together with it."""

    def __init__(self, host: str, port: int, deadline: float, wakeup: Wakeup) -> None:
        """Connect by `deadline` (time.monotonic()). Raises ConnectError."""
        self._socket, self.peer = _connected(host, port, deadline)
        self._buffer = bytearray(_CHUNK)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        self._wakeup = wakeup
        self._selector.register(wakeup.reader, selectors.EVENT_READ)

    @property
    def family(self) -> int:
        """The address family of the camera's address."""
        return self._socket.family

    def watch(self, other: socket.socket) -> None:
        """Let `wait` poll another socket too."""
        self._selector.register(other, selectors.EVENT_READ)

    def wait(self, timeout: float) -> list[socket.socket]:
        """Return the readable sockets; an empty list after `timeout` seconds.

        Raises StreamEndedError when the Wakeup has ended the wait.
        """
        ready = [key.fileobj for key, _ in self._selector.select(max(0.0, timeout))]
        if self._wakeup.reader in ready:
            raise StreamEndedError("woken")
        return [each for each in ready if isinstance(each, socket.socket)]

    def ignore_wakeup(self) -> None:
        """Let the Wakeup no longer end `wait`, for a TEARDOWN with a time limit of its own."""
        self._selector.unregister(self._wakeup.reader)

    def is_control(self, ready: socket.socket) -> bool:
        """Return whether a socket is the connection itself."""
        return ready is self._socket

    def receive(self) -> memoryview:
        """Return the received bytes, valid until the next call. Raises StreamEndedError at the connection's end."""
        try:
            count = self._socket.recv_into(self._buffer)
        except BlockingIOError:
            return memoryview(b"")
        except OSError as error:
            raise StreamEndedError("reset") from error
        if count == 0:
            raise StreamEndedError("end of the connection")
        return memoryview(self._buffer)[:count]

    def send(self, data: bytes, deadline: float, step: str) -> None:
        """Send all bytes by `deadline`. Raises TimedOutError, StreamEndedError."""
        rest = memoryview(data)
        while rest:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimedOutError(step)
            try:
                self._socket.settimeout(remaining)
                rest = rest[self._socket.send(rest) :]
            except TimeoutError:
                raise TimedOutError(step) from None
            except OSError as error:
                raise StreamEndedError("reset") from error
            finally:
                with contextlib.suppress(OSError):
                    self._socket.setblocking(False)

    def close(self) -> None:
        """Close the connection; the other polled sockets stay open."""
        self._selector.close()
        self._socket.close()


def _connected(host: str, port: int, deadline: float) -> tuple[socket.socket, str]:
    """Return a connection to the first address of a host that accepts one, and that address."""
    addresses = _addresses(host, port, deadline)
    failure = ConnectError("no route")
    for number, (family, address) in enumerate(addresses):
        remaining = (deadline - time.monotonic()) / (len(addresses) - number)
        try:
            one = socket.socket(family, socket.SOCK_STREAM)
        except OSError:  # a system without this family of addresses
            continue
        try:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            one.settimeout(max(remaining, 0.001))
            one.connect(address)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one.setblocking(False)
            return one, address[0]
        except OSError as error:
            one.close()
            failure = ConnectError(_reason(error))
    raise failure


def _reason(error: OSError) -> Literal["refused", "no route", "timeout"]:
    if isinstance(error, TimeoutError):
        return "timeout"
    return "refused" if isinstance(error, ConnectionRefusedError) else "no route"


def _addresses(host: str, port: int, deadline: float) -> list[Address]:
    """Return the addresses of a host. The system's look-up has no time limit, so its thread may be abandoned."""
    results: list[list[Address]] = []

    def look_up() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            results.append([(family, address) for family, _, _, _, address in found])

    thread = threading.Thread(target=look_up, name="camera-host-lookup", daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if thread.is_alive():
        raise ConnectError("timeout")
    if not results or not results[0]:
        raise ConnectError("unknown host")
    return results[0][:MAX_ADDRESSES]
