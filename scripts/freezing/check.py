"""Checks a frozen sidecar in the role of an app: in another folder, without this environment, and streaming."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aioice.ice
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from sidecar.client import CallError, SidecarClient, SidecarGoneError

START_SECONDS = 60.0  # one file has to unpack first, and the machine may be busy
STREAM_SECONDS = 2.0
PICTURE_SECONDS = 15.0
FORMAT = {"width": 640, "height": 360, "fps": 30}
FEWEST_PICTURES = 10
ENCODER = "libx264"
"""The encoder that the program names; the check requires that it has encoded with it."""

KEPT = ("HOME", "LANG", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "SYSTEMDRIVE", "USERPROFILE", "LOCALAPPDATA")


class CheckFailedError(Exception):
    """The frozen sidecar has failed the check; the text has the reason and the stderr of the program."""


def clean_environment() -> dict[str, str]:
    """Return the environment without the variables of this Python, and without PATH, which may lead to another one."""
    return {name: value for name, value in os.environ.items() if name.upper() in KEPT}


async def check(program: Path, *, wrapper: Sequence[str] = (), env: Mapping[str, str] | None = None) -> str:
    """Start the program, list its cameras, receive its test pattern and end it. Returns the result in one line.

    `wrapper` is a command that runs the program in another place. Raises CheckFailedError.
    """
    wanted_env = dict(env) if env is not None else clean_environment()
    with tempfile.TemporaryDirectory(prefix="camera-sidecar-check-") as folder:
        async with SidecarClient.start([*wrapper, str(program)], env=wanted_env, cwd=folder) as client:
            try:
                seen = await use(client)
                check_imports(client.stderr)
                status = await client.close()
            except (TimeoutError, CallError, SidecarGoneError, CheckFailedError) as error:
                written = "\n".join(client.stderr)
                raise CheckFailedError(
                    f"{type(error).__name__}: {error}\n{written}\n{program} does not run."
                ) from error
            if status != 0:
                raise CheckFailedError(f"{program} ended with {status}.\n" + "\n".join(client.stderr))
        if left := names_in(folder):
            raise CheckFailedError(f"{program} left files behind: {', '.join(left)}")
    return seen


def names_in(folder: str) -> list[str]:
    """Return the names of the files in a folder."""
    return [file.name for file in Path(folder).iterdir()]


async def use(client: SidecarClient) -> str:
    """Use the program as an app does, and return the result in one line."""
    ready = await client.notification("ready", timeout=START_SECONDS)
    cameras = (await client.call("get_available_cameras", timeout=START_SECONDS))["cameras"]
    if "test:pattern" not in [camera["device_id"] for camera in cameras]:
        raise CheckFailedError("the test pattern is not among the cameras")
    pictures, seconds = await watch(client)
    what = f"{ready['name']} {ready['version']}, {len(cameras)} cameras"
    return f"{what}, {pictures} pictures in {seconds:.1f} s from {ENCODER}"


async def watch(client: SidecarClient) -> tuple[int, float]:
    """Stream the test pattern to an aiortc receiver. Returns the number of decoded pictures, and their seconds."""
    # Stock aiortc never gathers 127.0.0.1; with it the check needs no network.
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    viewer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    tracks: asyncio.Queue[MediaStreamTrack] = asyncio.Queue()
    viewer.on("track", tracks.put_nowait)
    try:
        offer = await client.call(
            "start_camera_webrtc_session", {"device_id": "test:pattern", "format": FORMAT}, timeout=START_SECONDS
        )
        await viewer.setRemoteDescription(RTCSessionDescription(offer["sdp"], offer["sdp_type"]))
        await viewer.setLocalDescription(await viewer.createAnswer())
        answer = {"type": "answer", "sdp": viewer.localDescription.sdp}
        connection = {"connection_id": offer["connection_id"]}
        await client.call("set_remote_description", {**connection, "description": answer})
        counted = await count_pictures(tracks.get_nowait())
        check_encoder(await client.call("get_stats"))
        check_released(await client.call("close_connection", connection))
        return counted
    finally:
        await viewer.close()


async def count_pictures(track: MediaStreamTrack) -> tuple[int, float]:
    """Decode pictures for STREAM_SECONDS. Returns their number and the seconds."""
    first = await asyncio.wait_for(picture_of(track), PICTURE_SECONDS)
    if (first.width, first.height) != (FORMAT["width"], FORMAT["height"]):
        raise CheckFailedError(f"the picture is {first.width}x{first.height}")
    started, count = time.monotonic(), 1
    while time.monotonic() - started < STREAM_SECONDS:
        await asyncio.wait_for(picture_of(track), PICTURE_SECONDS)
        count += 1
    if count < FEWEST_PICTURES:
        raise CheckFailedError(f"only {count} pictures in {STREAM_SECONDS} s")
    return count, time.monotonic() - started


async def picture_of(track: MediaStreamTrack) -> Any:
    """Return the next picture."""
    try:
        return await track.recv()
    except MediaStreamError as error:
        raise CheckFailedError("the stream ended") from error


def check_imports(log: Iterable[str]) -> None:
    """Require that all lean imports fit: the bundle does not have the modules that plain imports need."""
    if given_up := [line for line in log if "given up" in line]:
        raise CheckFailedError("\n".join(given_up))


def check_encoder(stats: Mapping[str, Any]) -> None:
    """Require that x264 has encoded the pictures: it is in the bundle, and the licences name its terms."""
    (camera,) = stats["cameras"]
    if camera["encoder"] != ENCODER or camera["frames_encoded"] < FEWEST_PICTURES:
        raise CheckFailedError(f"{camera['encoder']} encoded {camera['frames_encoded']} pictures")


def check_released(closed: Mapping[str, Any]) -> None:
    """Require that the camera was released with its last viewer."""
    if not closed["camera_released"]:
        raise CheckFailedError("the camera was not released")


def main() -> None:
    """Check a program: python -m freezing.check PROGRAM."""
    print(asyncio.run(check(Path(sys.argv[1]).resolve())))


if __name__ == "__main__":
    main()
