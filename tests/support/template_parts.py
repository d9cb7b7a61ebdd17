"""The packed crate and the packed npm package, as a release has them."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path

from releasing.packages import pack_crate, pack_npm_package


def pack_parts(dist: Path) -> None:
    """Pack both into the folder `release` of an existing folder, and unpack the crate there."""
    release = dist / "release"
    release.mkdir(exist_ok=True)
    pack_npm_package(release)
    unpack(pack_crate(release, "--no-verify", "--allow-dirty"), release)  # the build of an app compiles it


def unpack(archive: Path, target: Path) -> None:
    """Unpack an archive into a folder.

    Files with the right contents are left as they are, so that cargo compiles them once. The times in the archive of a
    crate are always the same.
    """
    with tempfile.TemporaryDirectory() as temporary:
        with tarfile.open(archive) as opened:
            opened.extractall(temporary, filter="data")
        fresh = {path.relative_to(temporary): path for path in Path(temporary).rglob("*") if path.is_file()}
        for name, path in fresh.items():
            replace(target / name, path.read_bytes())
    (folder,) = {name.parts[0] for name in fresh}
    for path in (target / folder).rglob("*"):
        if path.is_file() and path.relative_to(target) not in fresh:
            path.unlink()


def replace(path: Path, content: bytes) -> None:
    """Write a file unless it has this content."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
