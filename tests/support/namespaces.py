"""A network namespace: a network of the test's own, from which no packet leaves (Linux, root)."""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.sidecar_process import ROOT

ADDRESS = "10.77.0.1"
"""The machine's address in there. Its gateway, 10.77.0.2, does not exist: browsers look only at routed interfaces."""

NAME_SERVER = ("127.0.0.1", 53)
START_SECONDS = 10.0
CLONE_NEWNET = 0x40000000  # <linux/sched.h>

# `cat` holds the namespace until its standard input is closed.
SETUP = f"""
ip link set lo up
ip link add inside type veth peer name outside
ip address add {ADDRESS}/24 dev inside
ip link set inside up
ip link set outside up
ip route add default via 10.77.0.2 dev inside
mount --bind "$1" /etc/resolv.conf
echo ready
exec cat
"""


def why_no_namespaces() -> str | None:
    """Why there can be no namespace here; None when there can."""
    if sys.platform != "linux":
        return "network namespaces are Linux's"
    missing = [program for program in ("ip", "unshare", "nsenter", "mount") if shutil.which(program) is None]
    if missing:
        return f"needs {', '.join(missing)}"
    return None if os.geteuid() == 0 else "network namespaces need root"


needs_namespaces = pytest.mark.skipif(why_no_namespaces() is not None, reason=str(why_no_namespaces()))


class NetworkNamespace:
    """A network namespace with one multicast interface; programs inside ask NAME_SERVER, if it exists, for names."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def command(self, *command: str) -> list[str]:
        """The command line that runs `command` in here."""
        return ["nsenter", f"--target={self.pid}", "--net", "--mount", f"--wd={ROOT}", "--", *command]

    def script(self, path: Path, program: str) -> Path:
        """Write a program to `path` that runs `program` in here."""
        path.write_text(f'#!/bin/sh\nexec {" ".join(self.command(program))} "$@"\n', encoding="utf-8")
        path.chmod(0o755)
        return path

    async def run(self, *command: str) -> None:
        """Run a command in here to its end."""
        process = await asyncio.create_subprocess_exec(*self.command(*command), stdin=DEVNULL)
        assert await process.wait() == 0, command

    def udp_socket(self, address: tuple[str, int]) -> socket.socket:
        """A socket of this process that is bound in there."""
        bound = self.make_socket(socket.SOCK_DGRAM)
        bound.bind(address)
        return bound

    def make_socket(self, kind: socket.SocketKind, family: socket.AddressFamily = socket.AF_INET) -> socket.socket:
        """A socket of this process in there."""
        with ThreadPoolExecutor(1) as thread:  # setns moves one thread, which ends with the block
            return thread.submit(self._socket, kind, family).result()

    def _socket(self, kind: socket.SocketKind, family: socket.AddressFamily) -> socket.socket:
        namespace = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.setns(namespace, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        finally:
            os.close(namespace)
        return socket.socket(family, kind)


@asynccontextmanager
async def network_namespace(folder: Path, setup: str = SETUP) -> AsyncIterator[NetworkNamespace]:
    """A network namespace with a file in `folder`; `setup` is a shell script. Programs inside end with the block."""
    file = folder / "resolv.conf"
    file.write_text(f"nameserver {NAME_SERVER[0]}\n", encoding="utf-8")
    holder = await asyncio.create_subprocess_exec(
        *("unshare", "--net", "--mount", "sh", "-ec", setup, "setup", str(file)), stdin=PIPE, stdout=PIPE
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            assert await holder.stdout.readline() == b"ready\n"
        yield NetworkNamespace(holder.pid)
    finally:
        holder.stdin.close()
        await holder.wait()


@asynccontextmanager
async def silence(namespace: NetworkNamespace) -> AsyncIterator[None]:
    """The loopback interface is down during the block."""
    await namespace.run("ip", "link", "set", "lo", "down")
    try:
        yield
    finally:
        await namespace.run("ip", "link", "set", "lo", "up")
