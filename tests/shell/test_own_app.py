"""The README's "Put a camera into your own Tauri app", step by step, with an app as a template makes it."""

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
SECTION = re.search(
    r"^## Put a camera into your own Tauri app\n(.*?)^## ", (ROOT / "README.md").read_text("utf-8"), re.M | re.S
)
assert SECTION
COMMANDS, RUST, CONFIGURATION, JAVASCRIPT = re.findall(r"^```\w+\n(.*?)^```", SECTION[1], re.M | re.S)
FREEZE = "python3 scripts/freeze.py --dist ../my-app/src-tauri\n"
ELEMENT = '<div id="camera" style="height: 360px"></div>'
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


@pytest.fixture(scope="module")
def own_app(app: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that comes of the README's steps. Depends on `app`, whose crates it is built from."""
    folder = tmp_path_factory.mktemp("own") / "my-app"
    shutil.copytree(TEMPLATE, folder)
    shutil.copytree(SHELL / "icons", folder / "src-tauri" / "icons")
    shutil.copy(SHELL / "Cargo.lock", folder / "src-tauri")
    copy_and_add(folder)
    edit(folder)
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
    """What a person types in."""
    module, calls = RUST.split("\n\n")
    library = folder / "src-tauri" / "src" / "lib.rs"
    source = library.read_text("utf-8")
    before = "        .invoke_handler(tauri::generate_handler![greet])\n"
    assert before in source
    library.write_text(f"{module}\n{source.replace(before, calls)}", "utf-8")

    configuration = folder / "src-tauri" / "tauri.conf.json"
    merged = merge(json.loads(configuration.read_text("utf-8")), json.loads(CONFIGURATION))
    configuration.write_text(json.dumps(merged), "utf-8")

    assert SECTION
    assert ELEMENT in SECTION[1]
    page, script = folder / "src" / "index.html", folder / "src" / "main.js"
    page.write_text(page.read_text("utf-8").replace("<body>", f"<body>{ELEMENT}"), "utf-8")
    assert CAMERA in JAVASCRIPT
    script.write_text(JAVASCRIPT.replace(CAMERA, "test:pattern") + script.read_text("utf-8"), "utf-8")


def merge(into: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Two JSON objects as one."""
    both = {key: merge(into[key], more[key]) for key in into.keys() & more.keys()}
    return {**into, **more, **both}


def run(command: list[str], folder: Path) -> None:
    """Run one step; its output is shown when it fails."""
    environment = os.environ | {"CARGO_NET_OFFLINE": "true"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=BUILD_LIMIT
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def clean_driver(display: str) -> Iterator[Driver]:
    """A driver whose programs know nothing of this tree's sidecar."""
    with driver(display, {}) as running:
        yield running


def test_an_own_app_shows_a_camera_after_the_readme_s_steps(own_app: Path, clean_driver: Driver) -> None:
    with clean_driver.open(own_app) as window:
        window.wait(LIVE)
        assert window.run(MOVES) == 3
        assert window.wait("document.querySelector('#greeting').textContent") == "Hello, you!"
        sidecar = sidecar_of(clean_driver, own_app)
        assert Path(sidecar.exe()).is_relative_to(own_app.parent.resolve())
        window.close()
        assert_gone([sidecar])
