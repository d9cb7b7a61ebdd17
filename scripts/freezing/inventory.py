"""The installed distributions to which the bundle's files belong."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from environment import ROOT

from freezing.contents import Entry

OURS, PYTHON, SYSTEM = "camera-sidecar", "Python", "system"


@dataclass(frozen=True)
class Item:
    """A file of the bundle: its name there, its source, and its distribution."""

    name: str
    source: str
    kind: str
    owner: str


def write_inventory(file: Path, entries: Iterable[Entry]) -> None:
    """Write the files of the bundle; the recipe calls this while PyInstaller has their list."""
    file.write_text(json.dumps([asdict(item) for item in owned(entries)], indent=1), encoding="utf-8")


def read_inventory(file: Path) -> list[Item]:
    """Return the items that write_inventory has written."""
    return [Item(**item) for item in json.loads(file.read_text(encoding="utf-8"))]


def owned(entries: Iterable[Entry]) -> list[Item]:
    """Return the entries with their owners; a stripped copy or a link belongs to its original, by its name."""
    installed = installed_files()
    return [Item(name, source, kind, owner(name, source, installed)) for name, source, kind in entries]


def installed_files() -> dict[str, str]:
    """Return the distribution of every installed file, by its path on this machine and its path in site-packages.

    Libraries beside a package are also listed by their names: these have a hash in them, and the files may have moved.
    """
    files: dict[str, str] = {}
    for distribution in distributions():
        name = canonical_name(distribution)
        for file in distribution.files or []:
            files[str(Path(str(distribution.locate_file(file))).resolve())] = name
            files[file.as_posix()] = name
            if file.parent.name.endswith(".libs"):
                files[file.name] = name
    return files


def canonical_name(distribution: Distribution) -> str:
    """Return the name of a distribution as the locks write it."""
    return distribution.name.lower().replace("_", "-")


def owner(name: str, source: str, installed: dict[str, str]) -> str:
    """Return the distribution of an entry, or OURS, PYTHON or SYSTEM."""
    keys = (str(Path(source).resolve()), Path(name).as_posix(), Path(name).name)
    known = next((installed[key] for key in keys if key in installed), None)
    if known:
        return known
    if Path(source).is_relative_to(ROOT) or name.startswith(("sidecar/", "sidecar.")):
        return OURS
    is_pythons = Path(source).resolve().is_relative_to(Path(sys.base_prefix).resolve())
    return PYTHON if is_pythons or name.startswith(("python3", "base_library", "libpython")) else SYSTEM
