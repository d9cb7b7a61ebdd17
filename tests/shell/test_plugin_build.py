"""The frozen program of an app: found by its build, and by a debug build when it runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from node_packages import SHELL
from shell_app import CRATE, answer_of, target_directory
from webdriver import driver

from tests.support.shell_page import call

PLUGIN = SHELL / "plugin"
BUNDLED = {"bundle": {"resources": ["camera-sidecar/"]}}
LIMIT = 60.0  # seconds


@pytest.fixture
def build_script(app: Path) -> Path:
    """The compiled build script of the plugin. Depends on `app`, whose build compiles it."""
    scripts = target_directory().glob(f"debug/build/{CRATE}-*/build-script-build")
    return max(scripts, key=lambda script: script.stat().st_mtime)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """The folder `src-tauri` of an app."""
    folder = tmp_path / "my-app" / "src-tauri"
    folder.mkdir(parents=True)
    return folder


def build(
    script: Path, sources: Path, configuration: dict[str, Any], **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the script as cargo does when it builds an app with this configuration."""
    (sources / "tauri.conf.json").write_text(json.dumps({"identifier": "org.example.app", **configuration}))
    out = sources / "target" / "debug" / "build" / "plugin" / "out"
    out.mkdir(parents=True)
    plugin = sources.parent / "plugin"
    shutil.copytree(PLUGIN / "permissions", plugin / "permissions")
    given = {"OUT_DIR": str(out), "CARGO_PKG_NAME": CRATE, "CARGO_MANIFEST_LINKS": CRATE}
    given |= {"TARGET": answer_of("rustc", "--print", "host-tuple").strip(), "CARGO_CFG_TARGET_OS": "linux"}
    everything = {name: value for name, value in os.environ.items() if name != "TAURI_CONFIG"} | given | environment
    return subprocess.run(
        [str(script)], cwd=plugin, env=everything, capture_output=True, text=True, check=False, timeout=LIMIT
    )


def test_a_missing_folder_stops_the_build_with_the_command_that_makes_it(build_script: Path, sources: Path) -> None:
    done = build(build_script, sources, BUNDLED)
    assert done.returncode == 1
    assert f"the frozen program is missing: {sources / 'camera-sidecar'}" in done.stderr
    assert f"`python3 scripts/freeze.py --dist {sources}`" in done.stderr


def test_the_options_of_tauri_build_count_as_the_configuration(build_script: Path, sources: Path) -> None:
    assert build(build_script, sources, {}, TAURI_CONFIG=json.dumps(BUNDLED)).returncode == 1


def test_an_app_with_the_folder_is_built(build_script: Path, sources: Path) -> None:
    (sources / "camera-sidecar").mkdir()
    done = build(build_script, sources, BUNDLED)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_app_that_names_another_program_is_built(build_script: Path, sources: Path) -> None:
    program = {"plugins": {"camera-sidecar": {"program": "/opt/camera-sidecar"}}}
    assert build(build_script, sources, BUNDLED | program).returncode == 0


def test_an_app_that_bundles_no_program_is_built(build_script: Path, sources: Path) -> None:
    assert build(build_script, sources, {}).returncode == 0


def test_a_debug_build_finds_the_program_beside_the_configuration(
    app: Path, sidecar_script: Path, display: str, sources: Path
) -> None:
    (sources / "tauri.conf.json").touch()
    (sources / "camera-sidecar").mkdir()
    shutil.copy2(sidecar_script, sources / "camera-sidecar" / "camera-sidecar")
    program = sources / "target" / "debug" / app.name
    program.parent.mkdir(parents=True)
    shutil.copy2(app, program)
    with driver(display, {}) as running, running.open(program) as window:
        window.wait("document.readyState === 'complete'")
        assert call(window, "initialize", {})["name"] == "camera-sidecar"
