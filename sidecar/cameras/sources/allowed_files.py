"""The files that the file: patterns of the command line allow."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence

from sidecar.cameras.sources.file_path import FilePattern, FileSource, comparable, file_path
from sidecar.cameras.sources.glob import Glob

FOLDER_TIMEOUT = 2.0
"""Seconds that a check waits for the folder of a pattern, which may be on a server that does not answer."""


class FolderHangsError(Exception):
    """The folder of a pattern did not answer in time."""


class AllowedFiles:
    """Compares a path with the patterns twice: first its text, without the file system, and then its real path.

    The real path of a pattern's folder is resolved once, at the start, by a thread for each pattern, so a folder that
    is replaced later allows no other file. Thread-safe.
    """

    def __init__(self, patterns: Sequence[FilePattern], folder: str, folder_timeout: float = FOLDER_TIMEOUT) -> None:
        """`folder` is the base of relative paths. A check waits `folder_timeout` seconds for a pattern's folder."""
        self._folder = folder
        self._folder_timeout = folder_timeout
        self._patterns = tuple(_ResolvedPattern(pattern) for pattern in patterns)

    def refuses_text(self, text: str) -> bool:
        """Return whether no pattern can allow a source, judged by its text. Never blocks.

        While the folder of a pattern is still being resolved, the result is False. Raises SourceSyntaxError.
        """
        path = comparable(file_path(text, self._folder))
        return not any(pattern.may_allow(path) for pattern in self._patterns)

    def find(self, text: str) -> FileSource | None:
        """Return the file of an allowed source; None when the source is not allowed.

        Only paths with an allowed text are looked up in the file system, which may block without a time limit.
        Raises SourceSyntaxError, FolderHangsError.
        """
        path = file_path(text, self._folder)
        if not any(pattern.is_spelled(comparable(path)) for pattern in self._patterns) and not self._allows_real(path):
            return None
        real = os.path.realpath(path)
        file_path(f"file:{real}", self._folder)  # a link may lead to a device, or to a network share
        return FileSource(real, _identity(real)) if self._allows_real(real) else None

    def _allows_real(self, path: str) -> bool:
        """Return whether a pattern allows the real path.

        Raises FolderHangsError when no pattern allows it and the folder of at least one pattern hangs.
        """
        deadline = time.monotonic() + self._folder_timeout
        answers = [pattern.allows_real(comparable(path), deadline) for pattern in self._patterns]
        if True not in answers and None in answers:
            raise FolderHangsError
        return True in answers


class _ResolvedPattern:
    """A pattern, first as written, and later also with the real path of its folder."""

    def __init__(self, pattern: FilePattern) -> None:
        self._pattern = pattern
        self._written = pattern.matcher(pattern.head)
        self._real: Glob | None = None
        self._resolved = threading.Event()
        threading.Thread(target=self._resolve, name="folder of a pattern", daemon=True).start()

    def may_allow(self, path: str) -> bool:
        """Return whether the pattern allows the text `path`, or may allow it after its folder is resolved."""
        return self._written.matches(path) or self._real is None or self._real.matches(path)

    def is_spelled(self, path: str) -> bool:
        """Return whether the pattern as written allows the text `path`."""
        return self._written.matches(path)

    def allows_real(self, path: str, deadline: float) -> bool | None:
        """Return whether the pattern allows the real path `path`; None when its folder hangs until `deadline`."""
        self._resolved.wait(max(0.0, deadline - time.monotonic()))
        return None if self._real is None else self._real.matches(path)

    def _resolve(self) -> None:
        try:
            self._real = self._pattern.matcher(os.path.realpath(self._pattern.head))
        except (OSError, ValueError):
            self._real = self._written
        self._resolved.set()


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - pathlib drops a slash
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
