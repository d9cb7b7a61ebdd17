"""file: sources: their paths as text, by the rules of POSIX or (with `windows`) of Windows.

This module does not touch the file system, because an access to a refused path may mount a file system, wait for a
server that does not answer, or send the user's password hash to another computer (SMB).
"""

from __future__ import annotations

import ntpath
import os
import posixpath
import re
import sys
from collections.abc import Hashable
from dataclasses import dataclass, field

from sidecar.cameras.sources.glob import Glob, first_wildcard, glob, without_quotes
from sidecar.cameras.sources.syntax import MAX_LENGTH, SourceSyntaxError, check_characters, check_length

WINDOWS = sys.platform == "win32"

_SPECIAL_FOLDERS = ("/dev", "/proc", "/sys")
_MEMORY_FOLDER = "/dev/shm/"  # noqa: S108 - files in memory, which are ordinary files

_DEVICE_NAME = r"(?:CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³]|CONIN\$|CONOUT\$)"
"""The device names of Windows, which are valid in every folder, with any extension (Microsoft, "Naming Files")."""

_DRIVE = r"[A-Za-z]:[\\/]"
_NO_NAME_CHARACTER = r"[<>\"|?*:]"


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file by its real path at the time of the check: absolute and without links.

    `identity` is the device and inode number, which makes all spellings of the path one source; None for a missing
    file.
    """

    path: str
    identity: tuple[int, int] | None = field(default=None, compare=False)

    @property
    def key(self) -> Hashable:
        """The identity of the source, equal for all of its spellings."""
        return self.identity or ("file", comparable(self.path))

    @property
    def display(self) -> str:
        """The file's name, without its folders."""
        return os.path.basename(self.path)  # noqa: PTH119 - PurePath drops a slash


def file_path(text: str, folder: str, *, windows: bool = WINDOWS, max_length: int = MAX_LENGTH) -> str:
    """Return the absolute path of a file: source, relative to `folder`, with its dots resolved as text.

    Raises SourceSyntaxError for a path that, by its text, is not an ordinary file on this machine.
    """
    check_length(text, max_length)
    return _absolute(_path_of(text, windows), folder, windows)


@dataclass(frozen=True, slots=True)
class FilePattern:
    """A pattern of file: sources. `head` is the path before the first name with a wildcard, `tail` is the rest."""

    head: str
    tail: str
    windows: bool = WINDOWS

    @property
    def is_exact(self) -> bool:
        """Whether the pattern names one file."""
        return not self.tail

    def matcher(self, head: str) -> Glob:
        """Return the matcher of comparable paths, with `head` in place of the pattern's head."""
        quoted = re.sub(r"[*?\[]", r"[\g<0>]", comparable(head, windows=self.windows))
        if not self.tail:
            return glob(quoted, single=True)
        return glob(quoted.rstrip("/") + "/" + comparable(self.tail, windows=self.windows), single=True)

    @classmethod
    def parse(cls, text: str, folder: str, *, windows: bool = WINDOWS) -> FilePattern:
        """Return the pattern of a `file:` text. Raises SourceSyntaxError, which quotes no part of the text."""
        check_length(text)
        path = _path_of(text, windows)
        wildcard = first_wildcard(path)
        if wildcard is None:
            return cls(_absolute(without_quotes(path), folder, windows), "", windows)
        if windows:
            path = path.replace("\\", "/")
        head, tail = path[: path.rfind("/", 0, wildcard) + 1], path[path.rfind("/", 0, wildcard) + 1 :]
        if ".." in tail.split("/"):
            raise SourceSyntaxError("A pattern must not contain .. after a wildcard.")
        return cls(_absolute(without_quotes(head) or ".", folder, windows), tail, windows)


def comparable(path: str, *, windows: bool = WINDOWS) -> str:
    """Return an absolute path in the form for comparisons: with the case and the Unicode form of the system."""
    if windows:
        return ntpath.normcase(path).replace("\\", "/")
    if sys.platform == "darwin" and not path.isascii():
        import unicodedata  # a megabyte of tables, for few sources

        return unicodedata.normalize("NFC", path)
    return path


def _path_of(text: str, windows: bool) -> str:
    """Return the path in file:PATH, file:///PATH or file://localhost/PATH (RFC 8089)."""
    check_characters(text)
    if text[:5].lower() != "file:":
        raise SourceSyntaxError("A file: source starts with file: and a path.")
    path = text[5:]
    if path.lower().startswith("//localhost/"):
        path = path[len("//localhost") :]
    elif path.startswith("///"):
        path = path[2:]
    if not path:
        raise SourceSyntaxError("A file: source needs a path, as in file:/videos/a.mp4.")
    if windows and re.match(r"/[A-Za-z]:", path):
        path = path[1:]
    return path


def _absolute(path: str, folder: str, windows: bool) -> str:
    if windows:
        _check_windows(path)
        absolute = ntpath.normpath(ntpath.join(folder, path))
        _check_windows(absolute)
        return absolute
    absolute = "/" + posixpath.normpath(posixpath.join(folder, path)).lstrip("/")
    if absolute.startswith(tuple(f"{special}/" for special in _SPECIAL_FOLDERS)) and not absolute.startswith(
        _MEMORY_FOLDER
    ):
        raise SourceSyntaxError("Devices and files of the kernel cannot be file: sources.")
    return absolute


def _check_windows(path: str) -> None:
    """Raise SourceSyntaxError unless Windows reads `path` as a file on a drive."""
    path = path.replace("/", "\\")
    if path.startswith("\\\\"):
        raise SourceSyntaxError(
            "Network shares and device paths cannot be file: sources. Give the share a drive letter."
        )
    names = path[2:] if re.match(_DRIVE, path) else path
    if re.search(_NO_NAME_CHARACTER, names):
        raise SourceSyntaxError('A Windows path must not contain < > " | ? *, and : only after the drive letter.')
    for name in names.split("\\"):
        if name not in (".", "..") and name != name.rstrip(" ."):
            raise SourceSyntaxError("Windows drops spaces and dots at the end of a name. Leave them out.")
        if re.fullmatch(_DEVICE_NAME, name.partition(".")[0].rstrip(" "), re.IGNORECASE):
            raise SourceSyntaxError("Devices such as CON and COM1 cannot be file: sources.")
