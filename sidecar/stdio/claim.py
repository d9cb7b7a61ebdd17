"""Takes standard input and output for the wire, before anything else can read or write them.

Native libraries print to file descriptor 1, past `sys.stdout`, and children inherit 0 and 1. So the wire moves to
descriptors of its own, that no child inherits; 1 becomes a second stderr and 0 the null device.
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

STDIN, STDOUT, STDERR = 0, 1, 2


class WireFds(NamedTuple):
    """The file descriptors of the wire: binary, not inheritable, the process's own to close."""

    read: int
    write: int


def claim_stdio() -> WireFds:
    """Move the wire away from standard input and output. Call it once, before any native library is imported.

    Raises OSError when the process was started without standard input or output.
    """
    _ensure_stderr()
    wire = WireFds(os.dup(STDIN), os.dup(STDOUT))
    _point_to_null(STDIN, os.O_RDONLY)
    os.dup2(STDERR, STDOUT)
    if sys.stdout is not None:
        sys.stdout.flush()
    # One buffer for both, so that what was printed and what was logged keep their order.
    sys.stdout = sys.stderr
    if sys.platform == "win32":
        _set_binary(wire)
        _set_standard_handles()
    return wire


def _ensure_stderr() -> None:
    # A windowed program may have none. Then the wire's own descriptor would get its number, and every warning with it.
    try:
        os.fstat(STDERR)
    except OSError:
        _point_to_null(STDERR, os.O_WRONLY)


def _point_to_null(fd: int, flags: int) -> None:
    null = os.open(os.devnull, flags)
    if null == fd:
        os.set_inheritable(fd, True)
    else:
        os.dup2(null, fd)
        os.close(null)


if sys.platform == "win32":
    import ctypes
    import msvcrt

    def _set_binary(wire: WireFds) -> None:
        msvcrt.setmode(wire.read, os.O_BINARY)
        msvcrt.setmode(wire.write, os.O_BINARY)

    def _set_standard_handles() -> None:
        # The C runtime does this for console programs only; libraries ask GetStdHandle.
        for fd, number in ((STDIN, -10), (STDOUT, -11)):
            ctypes.windll.kernel32.SetStdHandle(number, ctypes.c_void_p(msvcrt.get_osfhandle(fd)))
