"""The example of docs/getting-started/electron.md: its stdio part in Node, the rest with a stand-in for Electron.

Electron itself does not run here. tests/browser/test_documentation.py runs the page's module.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.documented import named
from tests.support.sidecar_process import ROOT, sidecar_command

NODE = shutil.which("node")
LIMIT = 45.0
PARTS = named("docs/getting-started/electron.md", "js")
STAND_IN = Path(__file__).parent / "electron_stand_in.cjs"
RESOURCES = "process.resourcesPath = import.meta.dirname;\n"
"""A value that Electron sets before the main process's script."""

CALLS = """
import { Sidecar } from "./sidecar.mjs";

const [program, ...options] = process.argv.slice(2);
const sidecar = new Sidecar(program, ...options);
const seen = [];
sidecar.on("notification", (name) => seen.push(name));
const together = await Promise.all([sidecar.call("ping"), sidecar.call("get_available_cameras")]);
const refused = await sidecar.call("start_streaming", { device_id: "nothing:there" }).catch((error) => error);
await sidecar.end();
await sidecar.end();
const late = await sidecar.call("ping").catch((error) => error.message);
const missing = await new Sidecar("no-such-program").call("ping").catch((error) => error.code);
console.log(JSON.stringify({ together, kind: refused.data.kind, seen, late, missing }));
"""

pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example's files."""
    for name in ("sidecar.mjs", "main.mjs", "preload.cjs"):
        (tmp_path / name).write_text(PARTS[name], "utf-8")
    return tmp_path


def node(folder: Path, *arguments: str) -> Any:
    """Run Node in the folder; the JSON that it prints."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [str(NODE), *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_stdio_part_calls_the_program_and_hears_its_notifications(folder: Path) -> None:
    (folder / "calls.mjs").write_text(CALLS, "utf-8")
    said = node(folder, "calls.mjs", *sidecar_command(None))
    clocks, cameras = said["together"]
    assert "wall_ms" in clocks
    assert cameras["cameras"][-1]["device_id"] == "test:pattern"
    assert said["kind"] == "camera_not_found"
    assert said["seen"][0] == "ready"
    assert (said["late"], said["missing"]) == ("the sidecar has ended", "ENOENT")


def test_the_main_process_serves_its_own_page_only(folder: Path) -> None:
    package = folder / "node_modules" / "electron"
    package.mkdir(parents=True)
    shutil.copy(STAND_IN, package / "index.js")
    program = folder / "camera-sidecar" / "camera-sidecar"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join(sidecar_command(None))} "$@"\n', "utf-8")
    program.chmod(0o755)
    (folder / "electron.mjs").write_text(RESOURCES, "utf-8")
    said = node(folder, "--import", "./electron.mjs", "main.mjs")
    assert said["started"]["result"]["device_id"] == "test:pattern"
    assert said["refused"]["error"]["data"]["kind"] == "camera_not_found"
    assert said["notification"] == "camera_state"
    assert (said["forbidden"], said["stranger"]) == ("not allowed", "not allowed")
