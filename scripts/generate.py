"""Writes schemas/ and all other generated parts of the contract; with --check it only lists the differences.

Needs pydantic and no other library.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from contract_python import calls_module  # noqa: E402 - the path comes first
from contract_rust import permissions, shell_module  # noqa: E402
from contract_types import declarations  # noqa: E402

from sidecar.contract.errors import ERRORS, ConnectionNotFoundError, SessionNotFoundError  # noqa: E402
from sidecar.contract.events import EVENTS  # noqa: E402
from sidecar.contract.methods import METHODS  # noqa: E402
from sidecar.contract.openrpc import document  # noqa: E402
from sidecar.contract.schemas import error_schema, event_schema, method_schema  # noqa: E402
from sidecar.local_stream.schema import message_schemas  # noqa: E402

SCHEMAS = "schemas"
"""The folder that holds generated JSON files only."""


def expected() -> dict[str, str]:
    """Return the text of every generated file, by its path in the repository."""
    schemas: dict[str, dict[str, Any]] = {"openrpc.json": document()}
    schemas |= {f"methods/{method.name}.json": method_schema(method) for method in METHODS}
    schemas |= {f"events/{event.name}.json": event_schema(event) for event in EVENTS}
    schemas |= {f"errors/{error.kind}.json": error_schema(error) for error in ERRORS}
    schemas |= {f"local_stream/{name}.json": schema for name, schema in message_schemas().items()}
    texts = {path: json.dumps(value, indent=2, ensure_ascii=False) + "\n" for path, value in schemas.items()}
    return {
        **{f"{SCHEMAS}/{path}": text for path, text in texts.items()},
        "sidecar/contract/calls.py": calls_module(METHODS),
        "tauri-shell/player/src/contract.d.ts": declarations(document()),
        "tauri-shell/src-tauri/src/camera_sidecar/contract.rs": shell_module(
            METHODS, (ConnectionNotFoundError, SessionNotFoundError)
        ),
        "tauri-shell/src-tauri/permissions/camera-sidecar.toml": permissions(METHODS),
    }


def superfluous(wanted: dict[str, str], root: Path) -> list[str]:
    """Return the paths of the JSON files below schemas/ that are not generated any more."""
    found = (path.relative_to(root).as_posix() for path in (root / SCHEMAS).rglob("*.json"))
    return sorted(set(found) - wanted.keys())


def differences(wanted: dict[str, str], root: Path) -> list[str]:
    """Return one line for each file that is missing, stale or superfluous."""
    lines = [f"superfluous: {path}" for path in superfluous(wanted, root)]
    for path, text in wanted.items():
        file = root / path
        if not file.exists():
            lines.append(f"missing: {path}")
        elif file.read_text(encoding="utf-8") != text:
            lines.append(f"stale: {path}")
    return sorted(lines)


def write(wanted: dict[str, str], root: Path) -> None:
    """Write the wanted files, and remove the other JSON files below schemas/."""
    for path in superfluous(wanted, root):
        (root / path).unlink()
    for path, text in wanted.items():
        file = root / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write no file; fail when one differs")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository whose files are written or checked")
    options = parser.parse_args(arguments)
    wanted = expected()
    changes = differences(wanted, options.root)
    if not options.check:
        write(wanted, options.root)
    for change in changes:
        print(change)
    return 1 if options.check and changes else 0


if __name__ == "__main__":
    sys.exit(main())
