"""The parents of a process, on each system."""

from __future__ import annotations

import os
import sys


def unpacked_folder() -> str | None:
    """Return the folder into which a one-file program was unpacked; None for any other program."""
    folder: str | None = getattr(sys, "_MEIPASS", None)  # PyInstaller's
    return folder if folder and os.path.basename(folder).startswith("_MEI") else None  # noqa: PTH119 - pathlib is slow


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _SYNCHRONIZE = 0x0010_0000
    _WAIT_TIMEOUT = 0x102
    _ERROR_INVALID_PARAMETER = 87
    _SNAPSHOT_PROCESSES = 2
    _INVALID_HANDLE = ctypes.c_void_p(-1).value
    _kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel32.OpenProcess.restype = ctypes.c_void_p
    _kernel32.CreateToolhelp32Snapshot.restype = ctypes.c_void_p

    class _ProcessEntry(ctypes.Structure):
        """PROCESSENTRY32W (tlhelp32.h)."""

        _fields_ = [
            ("dwSize", wintypes.DWORD),
            ("cntUsage", wintypes.DWORD),
            ("th32ProcessID", wintypes.DWORD),
            ("th32DefaultHeapID", ctypes.c_size_t),
            ("th32ModuleID", wintypes.DWORD),
            ("cntThreads", wintypes.DWORD),
            ("th32ParentProcessID", wintypes.DWORD),
            ("pcPriClassBase", wintypes.LONG),
            ("dwFlags", wintypes.DWORD),
            ("szExeFile", wintypes.WCHAR * 260),
        ]

    def parent_of(pid: int) -> int | None:
        """Return the process that started `pid`; None when it is unknown."""
        snapshot = ctypes.c_void_p(_kernel32.CreateToolhelp32Snapshot(_SNAPSHOT_PROCESSES, 0))
        if snapshot.value == _INVALID_HANDLE:
            return None
        entry = _ProcessEntry(dwSize=ctypes.sizeof(_ProcessEntry))
        try:
            more = _kernel32.Process32FirstW(snapshot, ctypes.byref(entry))
            while more:
                if entry.th32ProcessID == pid:
                    return int(entry.th32ParentProcessID)
                more = _kernel32.Process32NextW(snapshot, ctypes.byref(entry))
            return None
        finally:
            _kernel32.CloseHandle(snapshot)

    class Process:
        """A process that started another, `child`."""

        def __init__(self, pid: int, child: int) -> None:
            # A handle, because Windows gives the number of an ended process to a new one. It is open until this process
            # ends.
            self._handle = _kernel32.OpenProcess(_SYNCHRONIZE, False, pid)
            # This error: no process has the number. Any other error: this process may not open that process.
            self._was_gone = not self._handle and ctypes.get_last_error() == _ERROR_INVALID_PARAMETER

        def is_gone(self) -> bool:
            """Return whether it has ended."""
            if not self._handle:
                return self._was_gone
            return bool(_kernel32.WaitForSingleObject(ctypes.c_void_p(self._handle), 0) != _WAIT_TIMEOUT)

else:

    class Process:
        """A process that started another, `child`."""

        def __init__(self, pid: int, child: int) -> None:
            self._pid = pid
            self._child = child

        def is_gone(self) -> bool:
            """Return whether it has ended: an orphan gets another parent, init or a subreaper."""
            return parent_of(self._child) != self._pid

    if sys.platform == "darwin":
        import ctypes
        import struct

        _PROC_PIDTBSDINFO = 3
        _BSDINFO_SIZE = 136  # struct proc_bsdinfo (sys/proc_info.h); pbi_ppid is its fifth uint32_t
        _libproc = ctypes.CDLL("/usr/lib/libproc.dylib")

        def parent_of(pid: int) -> int | None:
            """Return the parent of `pid`; None when there is no such process."""
            if pid == os.getpid():
                return os.getppid()
            info = ctypes.create_string_buffer(_BSDINFO_SIZE)
            size = _libproc.proc_pidinfo(pid, _PROC_PIDTBSDINFO, ctypes.c_uint64(0), info, _BSDINFO_SIZE)
            return struct.unpack_from("=I", info.raw, 16)[0] if size == _BSDINFO_SIZE else None

    else:

        def parent_of(pid: int) -> int | None:
            """Return the parent of `pid`; None when there is no such process."""
            if pid == os.getpid():
                return os.getppid()
            try:
                with open(f"/proc/{pid}/stat", "rb") as stat:  # noqa: PTH123 - pathlib takes long to import
                    # The name, in brackets, may have any characters; the state and the parent's number follow it.
                    return int(stat.read().rpartition(b")")[2].split()[1])
            except OSError:
                return None
