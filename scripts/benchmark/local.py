"""A local session in the player, in Chromium and in the Tauri app's WebKitGTK; and there a track of its canvas."""

from __future__ import annotations

import asyncio
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from subprocess import DEVNULL
from typing import Any, Literal

from environment import ROOT
from percentiles import nearest_rank
from shell_app import app_program, why_no_app
from webdriver import driver, screen

from benchmark.receiver import Receiver
from benchmark.sender import COMMANDS, DEVICE, FORMAT, Sender, picture_params

SCRIPT, TRACK_SCRIPT = (
    (Path(__file__).resolve().parent / name).read_text("utf-8") for name in ("local.js", "track.js")
)
READ_EVERY_MS = 100
"""Milliseconds between two latencies; without a graphics card, one readback costs as much as some drawings."""

SLACK = 60.0
"""Seconds in addition for the camera's start and the warm-up on a busy machine."""

TRACK_FORMAT = {"width": 640, "height": 480, "fps": 30}
"""What a page gets that asks getUserMedia for nothing more."""

Viewer = Literal["chromium", "webkitgtk", "webkitgtk_track"]


def why_no_webkitgtk() -> str | None:
    """Return why the app cannot be measured, None when it can."""
    if reason := why_no_app():
        return reason
    return None if app_program().exists() else "the app was not built: python3 scripts/test.py shell builds it"


def arguments(base: str, seconds: float, warm_up_frames: int) -> list[Any]:
    """Return the arguments of the script."""
    params = picture_params()
    options = {"deviceId": params.pop("device_id"), **params}  # as showCamera names them
    return [base, options, seconds, warm_up_frames, READ_EVERY_MS]


async def in_chromium(sender: Sender, receiver: Receiver, seconds: float, warm_up_frames: int) -> dict[str, float]:
    """Measure the sidecar's local session in the receiver's browser."""
    async with receiver.page_of(sender.call) as page:
        return figures("chromium", await page.evaluate(SCRIPT, arguments("/src", seconds, warm_up_frames)))


async def in_webkitgtk(seconds: float, warm_up_frames: int) -> dict[str, float]:
    """Measure the local session of the app's sidecar, on a virtual screen."""
    given = arguments("/camera-sidecar", seconds, warm_up_frames)
    return figures("webkitgtk", await asyncio.to_thread(run_in_app, SCRIPT, given, seconds))


async def track_in_webkitgtk(seconds: float, warm_up_frames: int) -> dict[str, float]:
    """Measure a track that captures the canvas of a local session of the app's sidecar, on a virtual screen."""
    width, height, rate = TRACK_FORMAT.values()
    constraints = {"deviceId": DEVICE, "width": width, "height": height, "frameRate": rate}
    given = ["/camera-sidecar", constraints, seconds, READ_EVERY_MS, warm_up_frames]
    seen = await asyncio.to_thread(run_in_app, TRACK_SCRIPT, given, seconds)
    return figures("webkitgtk_track", seen, TRACK_FORMAT)


def run_in_app(script: str, given: list[Any], seconds: float) -> dict[str, Any]:
    """Start the app with the sidecar of this checkout and run a script in its page."""
    with tempfile.TemporaryDirectory(prefix="camera-sidecar-bench-") as folder, screen() as display:
        environment = {"CAMERA_SIDECAR_PROGRAM": str(sidecar_program(Path(folder)))}
        with driver(display, environment, DEVNULL) as running, running.open(app_program(), seconds + SLACK) as window:
            window.wait("document.readyState === 'complete'")
            result: dict[str, Any] = window.run(f"return await ({script})(arguments[0])", given)
            return result


def sidecar_program(folder: Path) -> Path:
    """Write an executable that runs the sidecar of this checkout: the app starts a program without arguments."""
    program = folder / "camera-sidecar"
    program.write_text(f"#!/bin/sh\ncd {shlex.quote(str(ROOT))} && exec {shlex.join(COMMANDS['sidecar'])}\n", "utf-8")
    program.chmod(0o755)
    return program


def figures(viewer: Viewer, seen: Mapping[str, Any], picture: Mapping[str, int] = FORMAT) -> dict[str, float]:
    """Return the figures of a run of a script. Raises RuntimeError without pictures of the expected size."""
    if not seen["latencies"] or seen["size"] != [picture["width"], picture["height"]]:
        raise RuntimeError(f"no latency of {viewer}: size {seen['size']}, {len(seen['latencies'])} pictures")
    latencies = sorted(seen["latencies"])
    return {
        f"{viewer}_p50": nearest_rank(latencies, 50),
        f"{viewer}_p95": nearest_rank(latencies, 95),
        f"{viewer}_fps": seen["fps"],
    }
