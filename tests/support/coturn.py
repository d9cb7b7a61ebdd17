"""A real STUN and TURN server (Debian's coturn) on loopback, or in a network namespace."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import random
import shutil
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sidecar.contract.types import IceServer
from tests.support.namespaces import NetworkNamespace

USERNAME, CREDENTIAL = "viewer", "open-sesame"
RELAY_PORTS = range(61_100, 61_900)
"""Above the ports that Linux gives to sockets without one, so that a port tells whether a packet was relayed."""

START_TIMEOUT = 15.0

needs_coturn = pytest.mark.skipif(shutil.which("turnserver") is None, reason="needs Debian's package coturn")


@dataclass
class Coturn:
    """A running server. `certificate` is a PEM file, whose only name is the address 127.0.0.1."""

    port: int
    tls_port: int
    certificate: Path
    command: Sequence[str]
    host: str = "127.0.0.1"
    machine: NetworkNamespace | None = None
    process: asyncio.subprocess.Process | None = None

    def ice_server(self, *urls: str) -> IceServer:
        """Return an RTCIceServer, with {port} and {tls_port} in the URLs filled in."""
        filled = [url.format(port=self.port, tls_port=self.tls_port) for url in urls]
        return IceServer(urls=filled, username=USERNAME, credential=CREDENTIAL)

    def freeze(self) -> None:
        """Suspend the server, so that no request is answered."""
        assert self.process is not None
        psutil.Process(self.process.pid).suspend()

    def thaw(self) -> None:
        """Resume the server."""
        assert self.process is not None
        psutil.Process(self.process.pid).resume()

    async def start(self) -> None:
        """Start the server, on the ports of the previous one and without its relays."""
        null = asyncio.subprocess.DEVNULL
        command = self.command if self.machine is None else self.machine.command(*self.command)
        self.process = await asyncio.create_subprocess_exec(*command, stdin=null, stdout=null, stderr=null)
        for port in (self.port, self.tls_port):
            await self._until_it_listens(port)

    async def kill(self) -> None:
        """Kill the server."""
        if self.process is not None:
            self.process.kill()
            await self.process.wait()
            self.process = None

    async def _until_it_listens(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(START_TIMEOUT):
            while True:
                with self._tcp_socket() as tcp, suppress(OSError):
                    await loop.sock_connect(tcp, (self.host, port))
                    return
                await asyncio.sleep(0.05)

    def _tcp_socket(self) -> socket.socket:
        kind = socket.SOCK_STREAM
        made = socket.socket(socket.AF_INET, kind) if self.machine is None else self.machine.make_socket(kind)
        made.setblocking(False)
        return made


@asynccontextmanager
async def coturn(
    folder: Path, options: Sequence[str] = (), *, host: str = "127.0.0.1", machine: NetworkNamespace | None = None
) -> AsyncIterator[Coturn]:
    """Start a server with its files in `folder`, and end it; `host` is its address, in `machine` or in this one."""
    certificate, key = _make_certificate(folder)
    port, tls_port = _free_port(), _free_port()
    first = random.choice(RELAY_PORTS[:-100])
    command = [
        *("turnserver", "-n", "--no-cli", "--no-dtls", "--fingerprint", "--lt-cred-mech", "--realm=example.org"),
        *(f"--listening-ip={host}", f"--relay-ip={host}", "--allow-loopback-peers"),
        *(f"--listening-port={port}", f"--tls-listening-port={tls_port}", f"--user={USERNAME}:{CREDENTIAL}"),
        *(f"--min-port={first}", f"--max-port={first + 99}", f"--cert={certificate}", f"--pkey={key}"),
        *(f"--pidfile={folder / 'pid'}", f"--userdb={folder / 'db'}", "--log-file=stdout", "--simple-log"),
        *options,
    ]
    server = Coturn(port, tls_port, certificate, command, host, machine)
    try:
        await server.start()
        yield server
    finally:
        await server.kill()


def _free_port() -> int:
    with socket.socket() as tcp:
        tcp.bind(("127.0.0.1", 0))
        port: int = tcp.getsockname()[1]
        return port


def _make_certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "coturn of a test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    key_file.chmod(0o644)
    return certificate_file, key_file
