"""One FFmpeg for two wheels: OpenCV uses PyAV's instead of bringing its own (Linux).

Both wheels carry FFmpeg, under names with a hash. Where PyAV's is of the same major version and no older, the names
that OpenCV's module asks for are changed to those of PyAV's libraries: FFmpeg keeps its binary interface within a major
version, and its symbols are versioned by it. The rest of OpenCV's libraries moves to the same folder. What only
OpenCV's FFmpeg needed, such as an OpenSSL 1.1.1 that nobody mends any more, stays out.
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
    """The entries with one FFmpeg; a changed copy of OpenCV's module is written to `folder`.

    All of them come back unchanged where there are not two, or where they do not fit.
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
    """For each FFmpeg library of OpenCV's the one of PyAV's; empty unless every one fits."""
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
    """The names of FFmpeg's libraries in a folder of the bundle, taken apart."""
    matches = (LIBRARY.fullmatch(file_name(name)) for name, _, _ in entries if is_in(name, folder))
    return [match for match in matches if match]


def fits(version: str, wanted: str) -> bool:
    """Whether `version` has all that a program built with `wanted` asks for."""
    one, other = ([int(part) for part in text.split(".")] for text in (version, wanted))
    return one[0] == other[0] and one >= other


def moved_name(name: str) -> str:
    """Where an entry goes: OpenCV's libraries to PyAV's."""
    return f"{PYAV}/{file_name(name)}" if is_in(name, OPENCV) else name


def without_orphans(entries: list[Entry], candidates: set[str]) -> list[Entry]:
    """Leave out those of the candidates that nothing in the bundle is linked against any more."""
    while True:
        files = [Path(source) for _, source, kind in entries if kind in ("BINARY", "EXTENSION")]
        needed = {name for file in files if is_elf(file) for name in linkage(file).needed}
        kept = [entry for entry in entries if entry[0] not in candidates or file_name(entry[0]) in needed]
        if len(kept) == len(entries):
            return kept
        entries = kept


def is_in(name: str, folder: str) -> bool:
    """Whether a name of the bundle is right in this folder."""
    return PurePosixPath(name).parent == PurePosixPath(folder)


def file_name(name: str) -> str:
    """The last part of a name of the bundle."""
    return PurePosixPath(name).name
