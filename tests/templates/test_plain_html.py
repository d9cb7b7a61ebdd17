"""Plain HTML: the documentation's pages in a fresh app that is set up for its users, in WebKitGTK."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from webdriver import Driver, Window

from tests.support.documented import blocks
from tests.support.shell_page import sidecar_of
from tests.support.template_page import LIVE, assert_moving
from tests.support.template_steps import FRAMEWORKS, append, file_of, insert, merge_into
from tests.support.template_workshop import Workshop, build

pytestmark = pytest.mark.timeout(1800)  # the build is part of it; the first one compiles about 450 crates

TEMPLATE = "vanilla"
MEDIA_DEVICES = "media-devices.html"
WINDOWS = Path(__file__).parent / "more_windows"
STRANGER, VIEWER = "stranger", "viewer"
CAMERA = "camera-0"  # the first one; this machine may have none

# Lets the viewer's window try to use a connection of this window, closes it, and returns the events.
OPEN_AND_CLOSE = """
    const { invoke, Channel } = __TAURI__.core, channel = new Channel(), heard = [];
    let closed;
    const end = new Promise((resolve) => (closed = resolve));
    channel.onmessage = ({ event, payload }) => {
        heard.push(event);
        if (payload.state === "closed") closed();
    };
    await invoke("plugin:camera-sidecar|listen", { channel });
    const parameters = { deviceId: "test:pattern", iceServers: [] };
    const { connection_id: connectionId } = await invoke("start_camera_webrtc_session", parameters);
    localStorage.setItem("victim", connectionId);
    while (!("viewer answers" in localStorage)) await new Promise((resolve) => setTimeout(resolve, 20));
    await invoke("close_connection", { connectionId });
    await end;
    return heard;"""

TOLD = "JSON.parse(localStorage.getItem(arguments[0]))?.at >= arguments[1] && localStorage.getItem(arguments[0])"


@pytest.fixture(scope="module")
def program(workshop: Workshop) -> Path:
    """The program that comes of the documentation's steps, with two windows more."""
    app = workshop.make(TEMPLATE)
    (command,) = blocks(FRAMEWORKS, "sh")
    workshop.follow(command.text)
    (style,) = blocks(FRAMEWORKS, "css")
    append(file_of(app, style), style.text)
    body, page = blocks(FRAMEWORKS, "html")
    assert CAMERA in body.text
    insert(file_of(app, body), body.text.replace(CAMERA, "test:pattern"), before="    <main ")
    assert not file_of(app, page).exists()
    file_of(app, page).write_text(page.text, "utf-8")
    add_windows(app)
    return build(app)


def add_windows(app: Path) -> None:
    """Two windows more: one that no capability names, and one that may show cameras and hear Tauri's own events."""
    for name in (STRANGER, VIEWER):
        shutil.copy(WINDOWS / f"{name}.html", app / "src")
        shutil.copy(WINDOWS / f"{name}.js", app / "src")
    more = [{"label": name, "url": f"{name}.html", "visible": False} for name in (STRANGER, VIEWER)]
    merge_into(app / "src-tauri" / "tauri.conf.json", {"app": {"windows": more}})
    permissions = ["camera-sidecar:default", "core:event:allow-listen", "core:event:allow-unlisten"]
    viewer = {"identifier": VIEWER, "windows": [VIEWER], "permissions": permissions}
    (app / "src-tauri" / "capabilities" / f"{VIEWER}.json").write_text(json.dumps(viewer), "utf-8")


def told(window: Window, key: str, since: float) -> Any:
    """Return the value that another window stores after the time `since`: the storage outlives the app."""
    return json.loads(window.wait(TOLD, key, 1000 * since))["value"]


def test_a_fresh_app_shows_a_camera_after_the_documentation_s_steps(program: Path, web_driver: Driver) -> None:
    with web_driver.open(program) as window:
        window.wait(LIVE)
        assert_moving(window)
        assert window.run("return document.querySelector('#camera').clientHeight") == 360
        assert window.run("return __TAURI__.core.invoke('greet', { name: 'you' })").startswith("Hello, you!")
        sidecar = sidecar_of(web_driver, program)
        assert Path(sidecar.exe()).is_relative_to(program.parent.resolve())
        assert sidecar.cmdline()[-2:] == ["--peers", "local"]


def test_a_page_that_knows_nothing_of_this_program_shows_a_camera(program: Path, web_driver: Driver) -> None:
    with web_driver.open(program) as window:
        window.wait(LIVE)
        window.load(window.run("return String(new URL(arguments[0], location))", MEDIA_DEVICES))
        window.wait("document.querySelector('video')?.videoWidth > 0")
        assert_moving(window, "video")


def test_its_pages_reach_no_other_loopback_socket(program: Path, web_driver: Driver) -> None:
    with web_driver.open(program) as window:
        window.wait(LIVE)
        violated = window.run("""
            const violation = new Promise((resolve) =>
                document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective)));
            try { new WebSocket("ws://127.0.0.1:49999/"); } catch {}
            return violation;""")
        assert violated == "connect-src"


def test_a_window_that_no_capability_names_can_call_nothing(program: Path, web_driver: Driver) -> None:
    started = time.time()
    with web_driver.open(program) as window:
        answers = told(window, STRANGER, started)
        assert len(answers) == 6
        for command, answer in answers.items():
            assert "not allowed" in answer, command


def test_two_windows_know_nothing_of_each_other_s_connections(program: Path, web_driver: Driver) -> None:
    started = time.time()
    with web_driver.open(program) as window:
        window.wait(LIVE)
        told(window, f"{VIEWER} ready", started)
        heard = window.run(OPEN_AND_CLOSE)
        assert "connection_state" in heard
        answers = told(window, f"{VIEWER} answers", started)
        assert answers["close_connection"] == answers["get_stats"] == "connection_not_found"
        assert answers["connections"] == 0
        assert window.run("return (await __TAURI__.core.invoke('get_stats', {})).connections.length") >= 1
        assert told(window, f"{VIEWER} heard", started) == ["listen: cameras"]
