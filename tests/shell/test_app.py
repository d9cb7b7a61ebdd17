"""The app around the page: calls, events, and no process left behind."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from webdriver import Driver, WebDriverError, Window

from sidecar.client import CallError, SidecarClient
from tests.support.busy_machine import SLACK
from tests.support.shell_page import (
    END_SECONDS,
    LISTEN,
    LOOK_AGAIN_SECONDS,
    assert_gone,
    call,
    descendants,
    open_files,
    refusal,
    sidecar_of,
)

pytestmark = pytest.mark.timeout(180)

RESTARTED_WITHIN = 3.0
"""Seconds until a killed sidecar runs again, at rest; the first restart starts the process without a pause."""

# As a page calls: its error names what is missing.
REFUSED = """
    const { invoke } = await import("/camera-sidecar/invoke.js");
    return invoke(arguments[0], arguments[1]).then(() => null, ({ code, data }) => ({ code, data }));"""


def test_the_page_calls_the_sidecar(window: Window) -> None:
    assert call(window, "initialize", {"clientName": "test"})["name"] == "camera-sidecar"
    assert "test:pattern" in [camera["device_id"] for camera in call(window, "get_available_cameras")["cameras"]]


def test_an_error_of_the_sidecar_comes_back_with_code_message_and_data(window: Window) -> None:
    error = refusal(window, "start_camera_webrtc_session", {"deviceId": "no-such-camera"})
    assert (error["code"], error["data"]["kind"]) == (1001, "camera_not_found")
    assert error["data"]["hint"]
    assert error["message"]


@pytest.mark.parametrize("method", ["shutdown", "ready", "no_such_method"])
def test_what_is_not_for_pages_is_refused(window: Window, method: str) -> None:
    assert "not allowed" in refusal(window, method)
    assert window.run(REFUSED, method, {})["code"] == -32601


def test_the_page_can_do_nothing_but_reach_the_sidecar(window: Window) -> None:
    for command in (
        "plugin:window|close",
        "plugin:event|emit",
        "plugin:event|listen",
        "plugin:path|resolve_directory",
        "plugin:webview|print",
        "plugin:camera-sidecar|start_streaming",
        "plugin:camera-sidecar|set_encoding",
        "plugin:camera-sidecar|log",
    ):
        with pytest.raises(WebDriverError, match="not allowed"):
            window.run("await __TAURI_INTERNALS__.invoke(arguments[0], {})", command)


@pytest.mark.parametrize("method", ["start_streaming", "set_encoding", "request_keyframe", "request_camera_permission"])
def test_a_method_that_viewing_does_not_need_is_refused_with_the_permission_that_it_needs(
    window: Window, method: str
) -> None:
    error = window.run(REFUSED, method, {"deviceId": "test:pattern"})
    assert (error["code"], error["data"]["kind"]) == (-32001, "not_permitted")
    assert f'"camera-sidecar:allow-{method.replace("_", "-")}"' in error["data"]["hint"]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("close_connection", {"connection_id": "6c1f9a52-0000-4000-8000-000000000000"}),
        ("get_stats", {"connection_id": "6c1f9a52-0000-4000-8000-000000000000"}),
        ("stop_streaming", {"session_id": "6c1f9a52-0000-4000-8000-000000000000"}),
    ],
)
def test_an_id_that_is_not_the_page_s_own_is_answered_as_the_sidecar_answers_one_that_there_is_not(
    window: Window, method: str, params: dict[str, Any]
) -> None:
    async def answer_of_the_sidecar() -> dict[str, Any]:
        async with SidecarClient.start([sys.executable, "-m", "sidecar"]) as sidecar:
            with pytest.raises(CallError) as failure:
                await sidecar.call(method, params)
        error = failure.value
        return {"code": error.code, "message": error.message, "data": error.data}

    assert refusal(window, method, params) == asyncio.run(answer_of_the_sidecar())


@pytest.mark.parametrize(
    "attempt",
    [
        "await fetch('http://192.0.2.1/')",
        "await fetch('https://example.org/')",
        "new WebSocket('ws://192.0.2.1/')",
        "new WebSocket('ws://127.0.0.1:49999/')",
        "new WebSocket('ws://127.0.0.1:49999/devtools/camera-sidecar/')",
        "new WebSocket('ws://127.0.0.1:49999/camera-sidecar')",
        "new WebSocket('ws://localhost:49999/camera-sidecar/')",
        "await fetch('http://127.0.0.1:49999/')",
        "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.injected = 1' }))",
    ],
)
def test_the_page_reaches_nothing_else_and_runs_no_foreign_code(window: Window, attempt: str) -> None:
    violated = window.run(f"""
        const violation = new Promise((resolve) =>
            document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective)));
        (async () => {{ {attempt} }})().catch(() => {{}});
        return violation;""")
    assert violated in ("connect-src", "script-src-elem")
    assert window.run("return typeof window.injected") == "undefined"


def test_notifications_are_events_of_the_page(window: Window) -> None:
    window.run(LISTEN, ["stats"])
    call(window, "subscribe_stats", {"intervalMs": 100})
    window.wait("window.heard.stats.length >= 3")
    assert window.run("return window.heard.stats[0]").keys() >= {"cameras", "connections"}
    call(window, "subscribe_stats", {"intervalMs": 0})


def test_a_sidecar_that_was_killed_is_back_within_three_seconds(window: Window, web_driver: Driver, app: Path) -> None:
    call(window, "ping")
    window.run(LISTEN, ["sidecar_state", "ready"])
    sidecar = sidecar_of(web_driver, app)
    killed_at = time.monotonic()
    sidecar.kill()
    window.wait("window.heard.sidecar_state.at(-1)?.state === 'running'")
    assert time.monotonic() - killed_at < RESTARTED_WITHIN + SLACK
    assert window.run("return window.heard.sidecar_state.map(({ state }) => state)") == ["restarting", "running"]
    assert call(window, "get_available_cameras")["cameras"]
    assert sidecar_of(web_driver, app) != sidecar


def test_a_page_that_is_left_leaves_no_camera_open_though_no_viewer_had_come(
    window: Window, web_driver: Driver, app: Path, clip: Path
) -> None:
    started = call(window, "start_camera_webrtc_session", {"deviceId": f"file:{clip}"})
    sidecar = sidecar_of(web_driver, app)
    assert str(clip) in open_files(sidecar)
    window.reload()
    limit = time.monotonic() + END_SECONDS
    while str(clip) in open_files(sidecar):
        assert time.monotonic() < limit
        time.sleep(LOOK_AGAIN_SECONDS)
    window.wait("document.readyState === 'complete'")
    error = refusal(window, "close_connection", {"connectionId": started["connection_id"]})
    assert error["data"]["kind"] == "connection_not_found"


def test_closing_the_window_ends_everything(window: Window, web_driver: Driver, app: Path) -> None:
    call(window, "ping")
    processes = descendants(web_driver, app)
    sidecar = sidecar_of(web_driver, app)
    assert sidecar in processes
    window.close()
    assert_gone(processes)


@pytest.mark.parametrize("end", [psutil.Process.kill, psutil.Process.terminate])
def test_killing_the_app_leaves_no_process(
    window: Window, web_driver: Driver, app: Path, end: Callable[[psutil.Process], None]
) -> None:
    call(window, "start_camera_webrtc_session", {"deviceId": "test:pattern"})
    processes = descendants(web_driver, app)
    assert sidecar_of(web_driver, app) in processes
    end(processes[0])
    assert_gone(processes)
