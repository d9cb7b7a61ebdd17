"""SHA256SUMS, in the form that `sha256sum --check` reads."""

from __future__ import annotations

import hashlib
from pathlib import Path

from releasing.failure import ReleaseFailedError

NAME = "SHA256SUMS"


def write_checksums(folder: Path) -> Path:
    """Write the checksums of all other files in `folder`. Raises ReleaseFailedError for an empty folder."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != NAME)
    if not files:
        raise ReleaseFailedError(f"There is no file in {folder}: make the parts of the release first.")
    target = folder / NAME
    target.write_text("".join(f"{sha256(file)}  {file.name}\n" for file in files), encoding="utf-8", newline="\n")
    return target


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
