"""The archive of the frozen folder: a zip file for Windows, a compressed tar file elsewhere."""

from __future__ import annotations

import gzip
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from freezing.build import NAME
from freezing.target import target_triple

from sidecar import __version__

EPOCH = 315532800
"""1980-01-01, the oldest date of a zip file: two archives of the same files are alike."""

COMPRESSION = 6
"""zlib's default; 9 takes three times as long for one percent."""


def pack(bundle: Path, folder: Path) -> Path:
    """Pack a frozen folder and return the archive, named by the version and the target triple."""
    suffix = "zip" if sys.platform == "win32" else "tar.gz"
    archive = folder / f"{NAME}-{__version__}-{target_triple()}.{suffix}"
    (pack_zip if suffix == "zip" else pack_tar)(bundle, archive)
    return archive


def files_of(bundle: Path) -> Iterable[tuple[Path, str]]:
    """Return the files of a bundle and their names in the archive, in the order of the names."""
    return [(file, f"{NAME}/{file.relative_to(bundle).as_posix()}") for file in sorted(bundle.rglob("*"))]


def pack_tar(bundle: Path, archive: Path) -> None:
    """Write a compressed tar file without users and groups; programs stay executable."""

    def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = EPOCH
        member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
        return member

    with (
        archive.open("wb") as output,
        gzip.GzipFile("", "wb", COMPRESSION, output, mtime=0) as compressed,  # neither its name nor its time
        tarfile.open(fileobj=compressed, mode="w") as tar,
    ):
        for file, name in files_of(bundle):
            tar.add(file, name, recursive=False, filter=anonymous)


def pack_zip(bundle: Path, archive: Path) -> None:
    """Write a zip file without permissions: it is for Windows."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file, name in files_of(bundle):
            if file.is_file():
                member = zipfile.ZipInfo(name)
                member.compress_type = zipfile.ZIP_DEFLATED
                packed.writestr(member, file.read_bytes())
