"""One FFmpeg for two wheels: OpenCV uses PyAV's instead of bringing its own (Linux).

Both wheels carry FFmpeg, under names with a hash. Where PyAV's is of the same major version and no older, the names
that OpenCV's module asks for are changed to those of PyAV's libraries: FFmpeg keeps its binary interface within a major
version, and its symbols are versioned by it. The rest of OpenCV's libraries moves to the same folder. Libraries that
only OpenCV's FFmpeg needed, such as an OpenSSL 1.1.1 without maintenance, stay out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from freezing.contents import Entry
from freezing.elf import is_elf, linkage, with_strings_replaced

OPENCV, PYAV = "opencv_python_headless.libs", "av.libs"
LIBRARY = re.compile(r"lib(?P<name>avcodec|avformat|avutil|swresample|swscale)-[0-9a-f]+\.so\.(?P<version>[0-9.]+)")


def sharing_ffmpeg(entries: Sequence[Entry], folder: Path) -> list[Entry]:
    """Return the entries with one FFmpeg; a changed copy of OpenCV's module is written to `folder`.

    Without two versions of FFmpeg that fit, the entries are returned unchanged.
    """
    names = replacements(entries)
    module = next((entry for entry in entries if re.fullmatch(r"cv2[/.].*\.so", entry[0])), None)
    if not names or module is None:
        return list(entries)
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / Path(module[1]).name
    names |= {f"$ORIGIN/../{OPENCV}": f"$ORIGIN/../{PYAV}"}
    copy.write_bytes(with_strings_replaced(Path(module[1]).read_bytes(), names))
    changed = [(name, str(copy), kind) if name == module[0] else (name, source, kind) for name, source, kind in entries]
    moved = [(moved_name(name), source, kind) for name, source, kind in changed if file_name(name) not in names]
    return without_orphans(moved, {moved_name(name) for name, _, _ in entries if is_in(name, OPENCV)})


def replacements(entries: Iterable[Entry]) -> dict[str, str]:
    """Return PyAV's library for each FFmpeg library of OpenCV; no entry unless every library fits."""
    entries = list(entries)
    ours = {match["name"]: match for match in libraries(entries, PYAV)}
    found: dict[str, str] = {}
    for theirs in libraries(entries, OPENCV):
        match = ours.get(theirs["name"])
        if match is None or not fits(match["version"], theirs["version"]) or len(match[0]) > len(theirs[0]):
            return {}
        found[theirs[0]] = match[0]
    return found


def libraries(entries: Iterable[Entry], folder: str) -> list[re.Match[str]]:
    """Return the matches of LIBRARY with the file names in a folder of the bundle."""
    matches = (LIBRARY.fullmatch(file_name(name)) for name, _, _ in entries if is_in(name, folder))
    return [match for match in matches if match]


def fits(version: str, wanted: str) -> bool:
    """Return whether `version` has all symbols of a program that was built with `wanted`."""
    one, other = ([int(part) for part in text.split(".")] for text in (version, wanted))
    return one[0] == other[0] and one >= other


def moved_name(name: str) -> str:
    """Return the name of an entry in the bundle: OpenCV's libraries move to the folder of PyAV's."""
    return f"{PYAV}/{file_name(name)}" if is_in(name, OPENCV) else name


def without_orphans(entries: list[Entry], candidates: set[str]) -> list[Entry]:
    """Leave out the candidates that no file of the bundle is linked against any more."""
    while True:
        files = [Path(source) for _, source, kind in entries if kind in ("BINARY", "EXTENSION")]
        needed = {name for file in files if is_elf(file) for name in linkage(file).needed}
        kept = [entry for entry in entries if entry[0] not in candidates or file_name(entry[0]) in needed]
        if len(kept) == len(entries):
            return kept
        entries = kept


def is_in(name: str, folder: str) -> bool:
    """Return whether a name of the bundle is in this folder, and in none inside of it."""
    return PurePosixPath(name).parent == PurePosixPath(folder)


def file_name(name: str) -> str:
    """Return the last part of a name of the bundle."""
    return PurePosixPath(name).name
