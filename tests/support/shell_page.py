"""Helpers for the page of the Tauri app and for the processes behind it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from webdriver import Driver, WebDriverError, Window

END_SECONDS = 10.0
LOOK_AGAIN_SECONDS = 0.02
COMMAND = "plugin:camera-sidecar|"
CALL = f"return __TAURI_INTERNALS__.invoke('{COMMAND}' + arguments[0], arguments[1])"
NO_CAMERA_OPEN = f"!(await __TAURI_INTERNALS__.invoke('{COMMAND}get_stats', {{}})).cameras.length"

# Keeps the events of these names in the page, so that one script can start to listen and another one read them.
LISTEN = f"""
    window.heard = Object.fromEntries(arguments[0].map((name) => [name, []]));
    const receive = ({{ message }}) => heard[message?.event]?.push(message.payload);
    const channel = "__CHANNEL__:" + __TAURI_INTERNALS__.transformCallback(receive);
    await __TAURI_INTERNALS__.invoke("{COMMAND}listen", {{ channel }});"""


def call(window: Window, method: str, params: dict[str, Any] | None = None) -> Any:
    """Call a method of the contract from the page."""
    return window.run(CALL, method, params or {})


def refusal(window: Window, method: str, params: dict[str, Any] | None = None) -> Any:
    """The error that a call rejects with: the sidecar's, or a text of Tauri's."""
    with pytest.raises(WebDriverError) as failure:
        call(window, method, params)
    return json.loads(str(failure.value))


def descendants(driver: Driver, app: Path) -> list[psutil.Process]:
    """Return the app's process and its descendants: the webview's processes and the sidecar."""
    program = driver.program(app)
    return [program, *program.children(recursive=True)]


def sidecar_of(driver: Driver, app: Path) -> psutil.Process:
    """Return the sidecar's process, frozen or not."""
    found = [child for child in driver.program(app).children() if is_sidecar(child)]
    assert len(found) == 1, found
    return found[0]


def is_sidecar(process: psutil.Process) -> bool:
    """Whether this is the frozen sidecar, or Python with the module."""
    return Path(process.exe()).name == "camera-sidecar" or "sidecar" in process.cmdline()[1:]


def open_files(process: psutil.Process) -> set[str]:
    """The paths of the regular files that a process has open: a video file is, while its camera is."""
    return {file.path for file in process.open_files()}


def assert_gone(processes: list[psutil.Process]) -> None:
    """Check that the processes end by themselves; zombies count as ended."""
    limit = time.monotonic() + END_SECONDS
    while alive := [process for process in processes if is_alive(process)]:
        assert time.monotonic() < limit, alive
        time.sleep(LOOK_AGAIN_SECONDS)


def is_alive(process: psutil.Process) -> bool:
    """Whether a process runs."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
