"""The steps of docs/getting-started, which make a fresh app show a camera.

The name of a block is the file that it goes into.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.documented import Block, blocks, named

TAURI, FRAMEWORKS = "docs/getting-started/tauri.md", "docs/getting-started/frameworks.md"
INSTALL = named(TAURI, "sh")["install"].splitlines()
FREEZE_INTO, ADD_CRATE, ADD_PACKAGE = INSTALL


def edit_app(app: Path) -> None:
    """Follow the steps of the Tauri page after its commands: the plugin, the permission, the configuration."""
    (plugin,) = blocks(TAURI, "rust")
    insert(file_of(app, plugin), plugin.text, before="        .invoke_handler(")
    permission, *configurations = blocks(TAURI, "json")
    merge_into(file_of(app, permission), {"permissions": [json.loads(permission.text)]})
    for configuration in configurations:
        merge_into(file_of(app, configuration), json.loads(configuration.text))


def file_of(app: Path, step: Block) -> Path:
    """Return the file that a block goes into."""
    assert step.name, f"{step.page}:{step.line}: the block names no file"
    return app / step.name


def insert(file: Path, text: str, *, before: str) -> None:
    """Insert text before the one place of a file that begins with `before`."""
    source = file.read_text("utf-8")
    assert source.count(before) == 1, (file, before)
    file.write_text(source.replace(before, text + before), "utf-8")


def append(file: Path, text: str) -> None:
    """Append text to a file."""
    file.write_text(file.read_text("utf-8") + text, "utf-8")


def merge_into(file: Path, more: dict[str, Any]) -> None:
    """Merge `more` into a JSON file."""
    file.write_text(json.dumps(merge(json.loads(file.read_text("utf-8")), more)), "utf-8")


def merge(into: Any, more: Any) -> Any:
    """Return two JSON values as one: members of objects together, lists one after the other, else the second."""
    if isinstance(into, dict) and isinstance(more, dict):
        both = into.keys() & more.keys()
        return {**into, **more, **{key: merge(into[key], more[key]) for key in both}}
    return [*into, *more] if isinstance(into, list) and isinstance(more, list) else more
