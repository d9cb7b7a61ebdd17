"""Takes debugging information out of libraries where that provably changes nothing for the loader (Linux)."""

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
    """The entries, with the sources of native files replaced by stripped copies in `folder` where that makes sense.

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
    """A stripped copy; the source itself where nothing is gained or something would change."""
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
    """Whether the loader maps the same."""
    try:
        return loaded_image(source) == loaded_image(copy)
    except ValueError:
        return False
