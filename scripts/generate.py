"""Writes schemas/ and the shell's part of the contract from its models; with --check it only says what differs.

Needs pydantic and nothing else.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SHELL = ROOT / "tauri-shell"
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from contract_rust import permissions, shell_module  # noqa: E402 - the path comes first
from contract_types import declarations  # noqa: E402

from sidecar.contract.errors import ERRORS, ConnectionNotFoundError, SessionNotFoundError  # noqa: E402
from sidecar.contract.events import EVENTS  # noqa: E402
from sidecar.contract.methods import METHODS  # noqa: E402
from sidecar.contract.openrpc import document  # noqa: E402
from sidecar.contract.schemas import error_schema, event_schema, method_schema  # noqa: E402


def expected() -> dict[str, str]:
    """The text of every file, by its path below schemas/."""
    files: dict[str, dict[str, Any]] = {"openrpc.json": document()}
    files |= {f"methods/{method.name}.json": method_schema(method) for method in METHODS}
    files |= {f"events/{event.name}.json": event_schema(event) for event in EVENTS}
    files |= {f"errors/{error.kind}.json": error_schema(error) for error in ERRORS}
    return {path: json.dumps(value, indent=2, ensure_ascii=False) + "\n" for path, value in files.items()}


def expected_in_shell() -> dict[str, str]:
    """The text of every file that goes into the shell's sources, by its path below tauri-shell/."""
    contract = document()
    return {
        "src/contract.d.ts": declarations(contract),
        "src-tauri/src/camera_sidecar/contract.rs": shell_module(
            METHODS, (ConnectionNotFoundError, SessionNotFoundError)
        ),
        "src-tauri/permissions/camera-sidecar.toml": permissions(METHODS),
    }


def existing(directory: Path) -> dict[str, str]:
    """The text of every JSON file there is, by its path below `directory`."""
    paths = directory.rglob("*.json")
    return {path.relative_to(directory).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def differences(wanted: dict[str, str], found: dict[str, str]) -> list[str]:
    """One line for each file that is missing, stale or superfluous."""
    missing = [f"missing: {path}" for path in wanted.keys() - found.keys()]
    superfluous = [f"superfluous: {path}" for path in found.keys() - wanted.keys()]
    stale = [f"stale: {path}" for path in wanted.keys() & found.keys() if wanted[path] != found[path]]
    return sorted(missing + superfluous + stale)


def write(wanted: dict[str, str], directory: Path) -> None:
    """Make `directory` hold the wanted files and no other JSON file."""
    for path in existing(directory).keys() - wanted.keys():
        (directory / path).unlink()
    for path, text in wanted.items():
        write_file(directory / path, text)


def write_file(path: Path, text: str) -> None:
    """Write a file, in a folder that may not be there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file differs")
    parser.add_argument("--directory", type=Path, default=ROOT / "schemas")
    parser.add_argument("--shell", type=Path, default=SHELL, help="in the place of tauri-shell/")
    options = parser.parse_args(arguments)
    changes = differences(expected(), existing(options.directory))
    for path, text in expected_in_shell().items():
        file = options.shell / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            changes.append(f"stale: {path}")
            if not options.check:
                write_file(file, text)
    if not options.check:
        write(expected(), options.directory)
    for change in changes:
        print(change)
    return 1 if options.check and changes else 0


if __name__ == "__main__":
    sys.exit(main())
