"""The documentation has few steps, and the snippets of the examples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from environment import ROOT
from template_apps import LOCKS

from tests.support.documented import blocks, parse_blocks
from tests.support.template_steps import FRAMEWORKS, INSTALL, TAURI

PLUGIN = ROOT / "tauri-shell" / "plugin" / "README.md"
EXAMPLES = ROOT / "tauri-shell" / "examples"
FOLDERS = {"tsx": "react", "vue": "vue", "svelte": "svelte", "css": "html", "html": "html"}
COMPONENT_LINES = 20  # with its imports, its element and its style


def test_an_app_needs_three_commands_one_line_of_rust_and_one_permission() -> None:
    assert len(INSTALL) == 3
    (plugin,) = blocks(TAURI, "rust")
    assert len(plugin.text.splitlines()) == 1
    permission, *_ = blocks(TAURI, "json")
    assert json.loads(permission.text) == "camera-sidecar:default"


def test_the_readme_of_the_plugin_has_the_same_steps() -> None:
    readme = [one.text for one in parse_blocks("README.md", PLUGIN.read_text("utf-8"))]
    steps = [block.text for language in ("sh", "rust", "json") for block in blocks(TAURI, language)]
    assert readme[:4] == [steps[1], *steps[3:6]]


@pytest.mark.parametrize("language", FOLDERS)
def test_the_files_of_the_documentation_are_those_of_the_examples(language: str) -> None:
    page = blocks(FRAMEWORKS, language)
    files = [block for block in page if (EXAMPLES / FOLDERS[language] / block.name).is_file()]
    assert files
    for block in files:
        example = (EXAMPLES / FOLDERS[language] / block.name).read_text("utf-8")
        assert block.text == example or f"<body>\n{block.text}  </body>" in example


@pytest.mark.parametrize("component", ["react/src/Camera.tsx", "vue/src/Camera.vue", "svelte/src/lib/Camera.svelte"])
def test_a_component_is_short(component: str) -> None:
    lines = (EXAMPLES / component).read_text("utf-8").splitlines()
    assert len([line for line in lines if line]) <= COMPONENT_LINES


@pytest.mark.parametrize("lock", sorted(LOCKS.glob("*/package-lock.json")), ids=lambda lock: lock.parent.name)
def test_the_lock_of_a_template_has_hashes_and_no_address(lock: Path) -> None:
    packages = {path: entry for path, entry in json.loads(lock.read_text("utf-8"))["packages"].items() if path}
    assert packages
    assert [path for path, entry in packages.items() if "integrity" not in entry or "resolved" in entry] == []
