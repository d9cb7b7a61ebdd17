"""A local session's picture, shown by the frontend's own player: in Chromium, and in WebKitGTK in the Tauri app."""

from __future__ import annotations

import asyncio
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from subprocess import DEVNULL
from typing import Any, Literal

from environment import ROOT
from shell_app import app_program, why_no_app
from webdriver import driver, screen

from benchmark.receiver import Receiver, nearest_rank
from benchmark.sender import COMMANDS, FORMAT, Sender, picture_params

SCRIPT = (Path(__file__).resolve().parent / "local.js").read_text("utf-8")
READ_EVERY_MS = 100
"""Between two latencies; without a graphics card, reading a picture back costs as much as drawing some."""

SLACK = 60.0
"""Seconds that the page may take besides, on a busy machine: the camera's start, the warm-up."""

Viewer = Literal["chromium", "webkitgtk"]


def why_no_webkitgtk() -> str | None:
    """Why the app cannot be measured; None when it can."""
    if reason := why_no_app():
        return reason
    return None if app_program().exists() else "the app was not built: python3 scripts/test.py shell builds it"


def arguments(base: str, seconds: float, warm_up_frames: int) -> list[Any]:
    """What the script takes."""
    params = picture_params()
    options = {"deviceId": params.pop("device_id"), **params}  # as showCamera names them
    return [base, options, seconds, warm_up_frames, READ_EVERY_MS]


async def in_chromium(sender: Sender, receiver: Receiver, seconds: float, warm_up_frames: int) -> dict[str, float]:
    """The figures of the sidecar's local session in the receiver's browser."""
    async with receiver.page_of(sender.call) as page:
        return figures("chromium", await page.evaluate(SCRIPT, arguments("/src", seconds, warm_up_frames)))


async def in_webkitgtk(seconds: float, warm_up_frames: int) -> dict[str, float]:
    """The figures of the app's own sidecar's, on a screen in memory."""
    return figures("webkitgtk", await asyncio.to_thread(show_in_app, seconds, warm_up_frames))


def show_in_app(seconds: float, warm_up_frames: int) -> dict[str, Any]:
    """Start the app with the sidecar of this tree and run the script in its page."""
    with tempfile.TemporaryDirectory(prefix="camera-sidecar-bench-") as folder, screen() as display:
        environment = {"CAMERA_SIDECAR_PROGRAM": str(sidecar_program(Path(folder)))}
        with driver(display, environment, DEVNULL) as running, running.open(app_program(), seconds + SLACK) as window:
            window.wait("document.readyState === 'complete'")
            result: dict[str, Any] = window.run(
                f"return await ({SCRIPT})(arguments[0])", arguments("", seconds, warm_up_frames)
            )
            return result


def sidecar_program(folder: Path) -> Path:
    """A program that becomes the sidecar of this tree: the app starts programs, not commands."""
    program = folder / "camera-sidecar"
    program.write_text(f"#!/bin/sh\ncd {shlex.quote(str(ROOT))} && exec {shlex.join(COMMANDS['sidecar'])}\n", "utf-8")
    program.chmod(0o755)
    return program


def figures(viewer: Viewer, seen: Mapping[str, Any]) -> dict[str, float]:
    """What is told of a run of the script. Raises RuntimeError when it saw too little to tell anything."""
    if not seen["latencies"] or seen["size"] != [FORMAT["width"], FORMAT["height"]]:
        raise RuntimeError(f"nothing could be measured in {viewer}: {seen['size']}, {len(seen['latencies'])} pictures")
    latencies = sorted(seen["latencies"])
    return {
        f"{viewer}_p50": nearest_rank(latencies, 50),
        f"{viewer}_p95": nearest_rank(latencies, 95),
        f"{viewer}_fps": seen["fps"],
    }
