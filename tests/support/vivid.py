"""Faults of the kernel's test driver vivid, inside the camera machine, and the ends of them."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 90.0
"""Seconds: the machine is emulated."""

SYSFS = Path("/sys/class/video4linux")
DRIVER = Path("/sys/bus/platform/drivers/vivid")

Fault = Callable[["VividCamera"], AbstractAsyncContextManager[None]]
"""Happens when it is entered; the camera can work again when it is left."""


@dataclass(frozen=True)
class VividCamera:
    """The camera of this number, also after its device node has changed."""

    number: int

    @property
    def device_id(self) -> str:
        """As the sidecar lists it."""
        return f"v4l2:platform:vivid-{self.number:03d}:0"

    @property
    def node(self) -> str:
        """As in /dev/video0."""
        name = f"vivid-{self.number:03d}-vid-cap"
        found = [path.name for path in SYSFS.iterdir() if (path / "name").read_text().strip() == name]
        assert len(found) == 1, found
        return f"/dev/{found[0]}"

    async def control(self, name: str, value: int = 1) -> None:
        """Set one of the driver's controls (v4l2-ctl --list-ctrls)."""
        await set_control(self.node, name, value)


async def set_control(node: str, name: str, value: int = 1) -> None:
    """The same by the device node."""
    process = await asyncio.create_subprocess_exec("v4l2-ctl", "--device", node, "--set-ctrl", f"{name}={value}")
    assert await process.wait() == 0


@asynccontextmanager
async def held(node: str) -> AsyncIterator[Process]:
    """Another program, v4l2-ctl, streams from the device."""
    command = ["v4l2-ctl", "--device", node, "--stream-mmap", "--stream-count=0", "--stream-to=/dev/null"]
    process = await asyncio.create_subprocess_exec(*command, stderr=PIPE)
    assert process.stderr is not None
    await asyncio.wait_for(process.stderr.read(1), PATIENCE)  # it marks each picture
    try:
        yield process
    finally:
        process.terminate()
        await process.communicate()


@asynccontextmanager
async def disconnected(camera: VividCamera) -> AsyncIterator[None]:
    """It is as if unplugged; the driver connects it again when the last program has closed it."""
    await camera.control("disconnect")
    yield


@asynccontextmanager
async def disconnected_for_a_while(camera: VividCamera) -> AsyncIterator[None]:
    """The same, but another program keeps the device open, so that it stays away. No event tells that it is back."""
    descriptor = os.open(camera.node, os.O_RDWR)
    try:
        await camera.control("disconnect")
        yield
    finally:
        os.close(descriptor)


def failing(*errors: str) -> Fault:
    """The driver injects these errors (each once) and then breaks the stream, so that it is opened into them."""

    @asynccontextmanager
    async def fault(camera: VividCamera) -> AsyncIterator[None]:
        for error in errors:
            await camera.control(f"inject_{error}_error")
        await camera.control("inject_fatal_streaming_error")
        yield

    return fault


@asynccontextmanager
async def unbound(camera: VividCamera) -> AsyncIterator[None]:
    """The driver lets go of the device, all its nodes vanish, and takes it up again."""
    name = "vivid.0"
    (DRIVER / "unbind").write_text(name)
    try:
        yield
    finally:
        (DRIVER / "bind").write_text(name)


@asynccontextmanager
async def moved(camera: VividCamera) -> AsyncIterator[None]:
    """The same, and it comes back as another node: the old one's number is in use as long as a program holds it."""
    node = camera.node
    descriptor = os.open(node, os.O_RDWR)
    try:
        async with unbound(camera):
            yield
        assert camera.node != node
    finally:
        os.close(descriptor)


FAULTS: dict[str, Fault] = {
    "unplugged for a moment": disconnected,
    "unplugged for a while": disconnected_for_a_while,
    "dequeue fails": failing(),
    "streamon fails": failing("vidioc_streamon"),
    "queue setup fails": failing("vidioc_reqbufs"),
    "queueing a buffer fails": failing("vidioc_qbuf"),
    "driver unbound and bound": unbound,
    "back as another node": moved,
}
