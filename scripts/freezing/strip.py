"""Removes debugging information from libraries where the loaded image provably stays the same (Linux)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from freezing.contents import Entry
from freezing.elf import is_elf, loaded_image

LIMIT = 120  # seconds for one file
NATIVE = ("BINARY", "EXTENSION")


def stripped(entries: Iterable[Entry], folder: Path) -> list[Entry]:
    """Return the entries, with stripped copies in `folder` as the sources of native files where these are smaller.

    Wheels are put together by patchelf, after which `strip` has been known to write files that do not load: so a copy
    counts only when the program that is loaded from it is the same byte for byte.
    """
    program = shutil.which("strip")
    if sys.platform != "linux" or program is None:
        return list(entries)
    return [
        (name, str(stripped_file(program, Path(source), folder / name)) if kind in NATIVE else source, kind)
        for name, source, kind in entries
    ]


def stripped_file(program: str, source: Path, copy: Path) -> Path:
    """Return a stripped copy; the source itself where the copy is not smaller or its loaded image differs."""
    if not is_elf(source):
        return source
    copy.parent.mkdir(parents=True, exist_ok=True)
    command = [program, "--strip-unneeded", "-o", str(copy), str(source)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=LIMIT)
    if done.returncode != 0 or copy.stat().st_size >= source.stat().st_size or not same_when_loaded(source, copy):
        copy.unlink(missing_ok=True)
        return source
    return copy


def same_when_loaded(source: Path, copy: Path) -> bool:
    """Return whether the loader maps both files to the same image."""
    try:
        return loaded_image(source) == loaded_image(copy)
    except ValueError:
        return False
