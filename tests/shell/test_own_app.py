"""The steps of the plugin's README, with an app as a template makes it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from shell_app import BUILD_LIMIT, LIKE_A_BUNDLE, target_directory
from webdriver import Driver, driver

from tests.support.frozen import frozen
from tests.support.shell_page import assert_gone, sidecar_of
from tests.support.sidecar_process import ROOT

pytestmark = pytest.mark.timeout(1800)  # the build is part of it

SHELL = ROOT / "tauri-shell" / "src-tauri"
TEMPLATE = Path(__file__).parent / "template_app"
WINDOWS = Path(__file__).parent / "more_windows"
STRANGER, VIEWER = "stranger", "viewer"
README = (ROOT / "tauri-shell" / "plugin" / "README.md").read_text("utf-8")
SECTION = re.search(r"^## Install\n(.*?)^## ", README, re.M | re.S)
assert SECTION
COMMANDS, RUST, CAPABILITY, CONFIGURATION, JAVASCRIPT = re.findall(r"^```\w+\n(.*?)^```", SECTION[1], re.M | re.S)
CSP = {
    "default-src": "'self'",
    "connect-src": "ipc: http://ipc.localhost ws://127.0.0.1:*/camera-sidecar/",
    "media-src": "mediastream:",
}
FREEZE = "python3 scripts/freeze.py --dist ../my-app/src-tauri\n"
ELEMENT = '<div id="camera"></div>'
STYLE = "#camera { height: 360px; }"
CAMERA = "camera-0"  # the first one; this machine may have none
LIVE = "document.querySelector('#camera .camera-view')?.dataset.state === 'live'"
MOVES = """
    const canvas = document.querySelector("#camera canvas"), seen = new Set();
    const row = Object.assign(document.createElement("canvas"), { width: 32, height: 1 }).getContext("2d");
    for (const until = performance.now() + 20_000; seen.size < 3 && performance.now() < until; ) {
        await new Promise(requestAnimationFrame);
        row.drawImage(canvas, 0, canvas.height / 2, canvas.width, 2, 0, 0, 32, 1);
        seen.add(String(row.getImageData(0, 0, 32, 1).data));
    }
    return seen.size;"""


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
    while (!localStorage.getItem("viewer answers")) await new Promise((resolve) => setTimeout(resolve, 20));
    await invoke("close_connection", { connectionId });
    await end;
    return heard;"""


@pytest.fixture(scope="module")
def folder(app: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources after the README's steps. Depends on `app`, because the build reuses its crates."""
    folder = tmp_path_factory.mktemp("own") / "my-app"
    shutil.copytree(TEMPLATE, folder)
    shutil.copytree(SHELL / "icons", folder / "src-tauri" / "icons")
    shutil.copy(SHELL.parent / "Cargo.lock", folder / "src-tauri")
    copy_and_add(folder)
    edit(folder)
    return folder


@pytest.fixture(scope="module")
def own_app(folder: Path) -> Path:
    """The program that comes of the README's steps."""
    return build(folder)


@pytest.fixture(scope="module")
def app_with_windows(own_app: Path, folder: Path) -> Path:
    """The same program, built again with two windows more. The tests of `own_app` come before."""
    add_windows(folder)
    assert build(folder) == own_app
    return own_app


def build(folder: Path) -> Path:
    """Build an app; its program."""
    command = ["cargo", "build", "--offline", "--target-dir", str(target_directory()), *LIKE_A_BUNDLE]
    run(command, folder / "src-tauri")
    return target_directory() / "debug" / "my-app"


def copy_and_add(folder: Path) -> None:
    """The commands. The sidecar was frozen before, and no crate need be fetched that is not there already."""
    assert COMMANDS.startswith(FREEZE)
    shutil.copytree(frozen(onefile=False).program.parent, folder / "src-tauri" / "camera-sidecar")
    commands = COMMANDS.removeprefix(FREEZE).replace("../my-app", str(folder))
    run(["sh", "-e", "-c", commands], ROOT)


def edit(folder: Path) -> None:
    """Make the edits of the README."""
    library = folder / "src-tauri" / "src" / "lib.rs"
    source = library.read_text("utf-8")
    before = "        .invoke_handler(tauri::generate_handler![greet])\n"
    assert before in source
    library.write_text(source.replace(before, RUST + before), "utf-8")

    merge_into(folder / "src-tauri" / "capabilities" / "default.json", json.loads(CAPABILITY))
    assert all(source in README for source in CSP["connect-src"].split())
    configuration = folder / "src-tauri" / "tauri.conf.json"
    merge_into(configuration, json.loads(CONFIGURATION))
    merge_into(configuration, {"app": {"security": {"csp": CSP}}})

    assert SECTION
    assert ELEMENT in SECTION[1]
    assert STYLE in SECTION[1]
    page, style, script = (folder / "src" / name for name in ("index.html", "styles.css", "main.js"))
    page.write_text(page.read_text("utf-8").replace("<body>", f"<body>{ELEMENT}"), "utf-8")
    style.write_text(style.read_text("utf-8") + STYLE, "utf-8")
    assert CAMERA in JAVASCRIPT
    script.write_text(JAVASCRIPT.replace(CAMERA, "test:pattern") + script.read_text("utf-8"), "utf-8")


def add_windows(folder: Path) -> None:
    """Two windows more: one that no capability names, and one that may show cameras and hear Tauri's own events."""
    for name in (STRANGER, VIEWER):
        shutil.copy(WINDOWS / f"{name}.html", folder / "src")
        shutil.copy(WINDOWS / f"{name}.js", folder / "src")
    more = [{"label": name, "url": f"{name}.html", "visible": False} for name in (STRANGER, VIEWER)]
    configuration = folder / "src-tauri" / "tauri.conf.json"
    windows = json.loads(configuration.read_text("utf-8"))["app"]["windows"]
    merge_into(configuration, {"app": {"windows": [*windows, *more]}})
    permissions = ["camera-sidecar:default", "core:event:allow-listen", "core:event:allow-unlisten"]
    viewer = {"identifier": VIEWER, "windows": [VIEWER], "permissions": permissions}
    (folder / "src-tauri" / "capabilities" / f"{VIEWER}.json").write_text(json.dumps(viewer), "utf-8")


def merge_into(file: Path, more: dict[str, Any]) -> None:
    """Merge `more` into a JSON file."""
    file.write_text(json.dumps(merge(json.loads(file.read_text("utf-8")), more)), "utf-8")


def merge(into: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Two JSON objects as one."""
    both = into.keys() & more.keys()
    objects = {key for key in both if isinstance(into[key], dict) and isinstance(more[key], dict)}
    return {**into, **more, **{key: merge(into[key], more[key]) for key in objects}}


def run(command: list[str], folder: Path) -> None:
    """Run one step; its output is shown when it fails."""
    environment = os.environ | {"CARGO_NET_OFFLINE": "true"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=BUILD_LIMIT
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def clean_driver(display: str) -> Iterator[Driver]:
    """A driver for programs without the sidecar of this tree."""
    with driver(display, {}) as running:
        yield running


def test_an_own_app_shows_a_camera_after_the_readme_s_steps(own_app: Path, clean_driver: Driver) -> None:
    with clean_driver.open(own_app) as window:
        window.wait(LIVE)
        assert window.run(MOVES) == 3
        assert window.run("return document.querySelector('#camera').clientHeight") == 360
        assert window.wait("document.querySelector('#greeting').textContent") == "Hello, you!"
        sidecar = sidecar_of(clean_driver, own_app)
        assert Path(sidecar.exe()).is_relative_to(own_app.parent.resolve())
        assert sidecar.cmdline()[-2:] == ["--peers", "local"]
        window.close()
        assert_gone([sidecar])


def test_a_page_of_an_own_app_reaches_no_other_loopback_socket(own_app: Path, clean_driver: Driver) -> None:
    with clean_driver.open(own_app) as window:
        window.wait(LIVE)
        violated = window.run("""
            const violation = new Promise((resolve) =>
                document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective)));
            try { new WebSocket("ws://127.0.0.1:49999/"); } catch {}
            return violation;""")
        assert violated == "connect-src"


def test_a_window_of_an_own_app_that_no_capability_names_can_call_nothing(
    app_with_windows: Path, clean_driver: Driver
) -> None:
    with clean_driver.open(app_with_windows) as window:
        answers = json.loads(window.wait("localStorage.getItem('stranger')"))
        assert len(answers) == 6
        for command, answer in answers.items():
            assert "not allowed" in answer, command


def test_two_windows_know_nothing_of_each_other_s_connections(app_with_windows: Path, clean_driver: Driver) -> None:
    with clean_driver.open(app_with_windows) as window:
        window.wait(LIVE)
        window.wait("localStorage.getItem('viewer ready')")
        heard = window.run(OPEN_AND_CLOSE)
        assert "connection_state" in heard
        answers = json.loads(window.wait("localStorage.getItem('viewer answers')"))
        assert answers["close_connection"] == answers["get_stats"] == "connection_not_found"
        assert answers["connections"] == 0
        assert window.run("return (await __TAURI__.core.invoke('get_stats', {})).connections.length") >= 1
        assert json.loads(window.run("return localStorage.getItem('viewer heard')")) == ["listen: cameras"]
