"""The app around the page: calls, events, and no process left behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from webdriver import Driver, WebDriverError, Window

from tests.support.shell_page import assert_gone, call, descendants, refusal, sidecar_of

pytestmark = pytest.mark.timeout(180)

# Kept in the page, so that one script can start to listen and another see what came.
LISTEN = """
    window.heard = {};
    for (const name of arguments[0]) {
        window.heard[name] = [];
        await __TAURI__.event.listen(`sidecar:${name}`, ({ payload }) => window.heard[name].push(payload));
    }"""


def test_the_page_calls_the_sidecar(window: Window) -> None:
    assert call(window, "initialize", {"clientName": "test"})["name"] == "camera-sidecar"
    assert "test:pattern" in [camera["device_id"] for camera in call(window, "get_available_cameras")["cameras"]]


def test_an_error_of_the_sidecar_comes_back_with_code_message_and_data(window: Window) -> None:
    error = refusal(window, "start_streaming", {"deviceId": "no-such-camera"})
    assert (error["code"], error["data"]["kind"]) == (1001, "camera_not_found")
    assert error["data"]["hint"]
    assert error["message"]


@pytest.mark.parametrize("method", ["shutdown", "ready", "no_such_method"])
def test_what_is_not_for_pages_is_refused(window: Window, method: str) -> None:
    assert refusal(window, method)["code"] == -32601


def test_the_page_can_do_nothing_but_reach_the_sidecar(window: Window) -> None:
    for command in (
        "plugin:window|close",
        "plugin:event|emit",
        "plugin:path|resolve_directory",
        "plugin:webview|print",
    ):
        with pytest.raises(WebDriverError, match="not allowed"):
            window.run("await __TAURI__.core.invoke(arguments[0], {})", f"plugin:{command}")


@pytest.mark.parametrize(
    "attempt",
    [
        "await fetch('http://192.0.2.1/')",
        "await fetch('https://example.org/')",
        "new WebSocket('ws://192.0.2.1/')",
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
    window.run(LISTEN, ["sidecar_state", "ready"])
    call(window, "ping")
    sidecar = sidecar_of(web_driver, app)
    killed_at = time.monotonic()
    sidecar.kill()
    window.wait("window.heard.sidecar_state.at(-1)?.state === 'running'")
    assert time.monotonic() - killed_at < 3.0
    assert window.run("return window.heard.sidecar_state.map(({ state }) => state)") == ["restarting", "running"]
    assert call(window, "get_available_cameras")["cameras"]
    assert sidecar_of(web_driver, app) != sidecar


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
    call(window, "start_streaming", {"deviceId": "test:pattern"})
    processes = descendants(web_driver, app)
    assert sidecar_of(web_driver, app) in processes
    end(processes[0])
    assert_gone(processes)
