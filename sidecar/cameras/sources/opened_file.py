"""Opening a file as it was checked: an ordinary file or a pipe, on a path without links."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sidecar.cameras.sources.file_path import FileSource
from sidecar.contract.errors import (
    CameraFailedError,
    CameraNotFoundError,
    CameraPermissionDeniedError,
    SourceNotAllowedError,
)

_LINK_ERRORS = (errno.ELOOP, errno.ENOTDIR, getattr(errno, "EMLINK", errno.ELOOP))
"""Error numbers of O_NOFOLLOW for a link; EMLINK is FreeBSD's."""


class OpenedFile(io.FileIO):
    """A file for libav, with a name without folders. libav recognises some formats by the extension."""

    def __init__(self, descriptor: int, name: str) -> None:
        super().__init__(descriptor, "rb")
        self.name = name

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Return the new position, or the negative error number that libav expects, as for a negative position."""
        try:
            return super().seek(offset, whence)
        except OSError as error:
            return -(error.errno or errno.EIO)


def open_checked(source: FileSource) -> OpenedFile:
    """Open the file at its checked real path. The caller closes it.

    Raises SourceNotAllowedError when a link or another file has replaced it, CameraNotFoundError,
    CameraPermissionDeniedError, CameraFailedError.
    """
    name = source.display
    try:
        descriptor = _open(source.path)
    except FileNotFoundError:
        raise CameraNotFoundError(f"{name} does not exist.", hint="Check the path or the address.") from None
    except PermissionError:
        raise CameraPermissionDeniedError(
            f"This program is not allowed to read {name}.", hint="Check the file's permissions."
        ) from None
    except OSError as error:
        if error.errno in _LINK_ERRORS:
            raise _replaced(name) from None
        raise CameraFailedError(f"{name} did not open.", hint="Check that the file is a video.") from None
    try:
        if not _is_file(os.fstat(descriptor).st_mode):
            raise CameraFailedError(f"{name} did not open.", hint="Check that the file is a video.")
        if sys.platform == "win32" and not _is_at(descriptor, source.path):
            raise _replaced(name)
    except BaseException:
        os.close(descriptor)
        raise
    return OpenedFile(descriptor, name)


def _is_file(mode: int) -> bool:
    return stat.S_ISREG(mode) or stat.S_ISFIFO(mode)


def _replaced(name: str) -> SourceNotAllowedError:
    return SourceNotAllowedError(f"{name} was replaced by a link or by another file.")


if sys.platform == "win32":

    def _open(path: str) -> int:
        return os.open(path, os.O_RDONLY | os.O_BINARY | os.O_NOINHERIT)

    def _is_at(descriptor: int, path: str) -> bool:
        """Return whether the open file is at `path`, without a link on its path."""
        import ctypes
        import msvcrt
        import ntpath

        get_path = ctypes.WinDLL("kernel32", use_last_error=True).GetFinalPathNameByHandleW
        get_path.argtypes = (ctypes.c_void_p, ctypes.c_wchar_p, ctypes.c_uint32, ctypes.c_uint32)
        get_path.restype = ctypes.c_uint32
        buffer = ctypes.create_unicode_buffer(32_768)
        length = get_path(msvcrt.get_osfhandle(descriptor), buffer, len(buffer), 0)
        found = buffer.value.removeprefix("\\\\?\\")
        return 0 < length < len(buffer) and ntpath.normcase(found) == ntpath.normcase(path.removeprefix("\\\\?\\"))

else:

    def _open_found(name: str, folder: int | None, flags: int) -> int:
        """Open a file or a pipe. Links are not followed. Devices are not opened, because opening may have an effect."""
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode):
            raise OSError(errno.ELOOP, "a link")
        if not _is_file(found.st_mode):
            raise OSError(errno.EINVAL, "no file")
        waits = 0 if stat.S_ISFIFO(found.st_mode) else os.O_NONBLOCK
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | waits | flags, dir_fd=folder)
        opened = os.fstat(descriptor)
        if (opened.st_dev, opened.st_ino) != (found.st_dev, found.st_ino):
            os.close(descriptor)
            raise OSError(errno.ELOOP, "another file")
        return descriptor

    if sys.platform == "darwin":

        def _open(path: str) -> int:
            return _open_found(path, None, os.O_NOFOLLOW_ANY)

    else:
        _SEARCH = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | getattr(os, "O_PATH", os.O_RDONLY)

        def _open(path: str) -> int:
            """Open each folder of the path in turn, without following a link."""
            *folders, name = path.lstrip("/").split("/")
            with _folder_of(folders) as folder:
                return _open_found(name, folder, os.O_NOFOLLOW)

        @contextmanager
        def _folder_of(names: list[str]) -> Iterator[int]:
            folder = os.open("/", _SEARCH)
            try:
                for name in names:
                    below = os.open(name, _SEARCH, dir_fd=folder)
                    os.close(folder)
                    folder = below
                yield folder
            finally:
                os.close(folder)
