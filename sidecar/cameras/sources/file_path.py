"""file: sources: their paths by text alone, on the rules of the system that is named by `windows`.

Nothing here asks the file system, so that a refused path is not looked at: a look at a path may mount a file system,
wait for a server that is gone, or send the user's password hash to another computer (SMB).
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
from sidecar.cameras.sources.syntax import SourceSyntaxError, check_characters

WINDOWS = sys.platform == "win32"

_SPECIAL_FOLDERS = ("/dev", "/proc", "/sys")
_MEMORY_FOLDER = "/dev/shm/"  # noqa: S108 - files in memory, which are ordinary files

_DEVICE_NAME = r"(?:CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³]|CONIN\$|CONOUT\$)"
"""Windows takes these for devices in every folder, with any extension (Microsoft, "Naming Files, Paths")."""

_DRIVE = r"[A-Za-z]:[\\/]"
_NO_NAME_CHARACTER = r"[<>\"|?*:]"


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file by its real path, as it was when it was checked: absolute and without links.

    `identity` is the device and the number of the file, by which all of its spellings are one source; None when there
    is no such file.
    """

    path: str
    identity: tuple[int, int] | None = field(default=None, compare=False)

    @property
    def key(self) -> Hashable:
        """The same for every spelling of this source."""
        return self.identity or ("file", comparable(self.path))

    @property
    def display(self) -> str:
        """The file's name, without its folders."""
        return os.path.basename(self.path)  # noqa: PTH119 - PurePath drops a slash


def file_path(text: str, folder: str, *, windows: bool = WINDOWS) -> str:
    """Return the absolute path that a file: source names, relative to `folder`, its dots resolved by text.

    Raises SourceSyntaxError for all that is no ordinary file on this machine by its text.
    """
    return _absolute(_path_of(text, windows), folder, windows)


@dataclass(frozen=True, slots=True)
class FilePattern:
    """A pattern of file: sources: `head` is the path in front of the name with the first wildcard, `tail` the rest."""

    head: str
    tail: str
    windows: bool = WINDOWS

    @property
    def is_exact(self) -> bool:
        """Whether it names one file."""
        return not self.tail

    def matcher(self, head: str) -> Glob:
        """Return the matcher of comparable paths with `head` in the place of the pattern's own."""
        quoted = re.sub(r"[*?\[]", r"[\g<0>]", comparable(head, windows=self.windows))
        if not self.tail:
            return glob(quoted, single=True)
        return glob(quoted.rstrip("/") + "/" + comparable(self.tail, windows=self.windows), single=True)

    @classmethod
    def parse(cls, text: str, folder: str, *, windows: bool = WINDOWS) -> FilePattern:
        """Return the pattern of a `file:` text. Raises SourceSyntaxError, which quotes no part of it."""
        path = _path_of(text, windows)
        wildcard = first_wildcard(path)
        if wildcard is None:
            return cls(_absolute(without_quotes(path), folder, windows), "", windows)
        if windows:
            path = path.replace("\\", "/")
        head, tail = path[: path.rfind("/", 0, wildcard) + 1], path[path.rfind("/", 0, wildcard) + 1 :]
        if ".." in tail.split("/"):
            raise SourceSyntaxError("A pattern holds no .. behind a wildcard.")
        return cls(_absolute(without_quotes(head) or ".", folder, windows), tail, windows)


def comparable(path: str, *, windows: bool = WINDOWS) -> str:
    """Return an absolute path in the form in which paths are compared: case and Unicode form as the system has them."""
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
        raise SourceSyntaxError("A file: source begins with file: and a path.")
    path = text[5:]
    if path.lower().startswith("//localhost/"):
        path = path[len("//localhost") :]
    elif path.startswith("///"):
        path = path[2:]
    if not path:
        raise SourceSyntaxError("A file: source names a path, as in file:/videos/a.mp4.")
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
        raise SourceSyntaxError("Devices and the files of the kernel are no file: sources.")
    return absolute


def _check_windows(path: str) -> None:
    """Raise SourceSyntaxError unless Windows reads `path` as a file on a drive."""
    path = path.replace("/", "\\")
    if path.startswith("\\\\"):
        raise SourceSyntaxError("Network shares and device paths are no file: sources. Give the share a drive letter.")
    names = path[2:] if re.match(_DRIVE, path) else path
    if re.search(_NO_NAME_CHARACTER, names):
        raise SourceSyntaxError('A path of Windows holds none of < > " | ? * and a colon only behind the drive letter.')
    for name in names.split("\\"):
        if name not in (".", "..") and name != name.rstrip(" ."):
            raise SourceSyntaxError("Windows drops spaces and dots at the end of a name. Leave them out.")
        if re.fullmatch(_DEVICE_NAME, name.partition(".")[0].rstrip(" "), re.IGNORECASE):
            raise SourceSyntaxError("Devices such as CON and COM1 are no file: sources.")
