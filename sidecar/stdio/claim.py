"""Takes standard input and output for the wire, before any other code reads or writes them.

Native libraries print to file descriptor 1, past `sys.stdout`, and children inherit 0 and 1. So the wire moves to
descriptors of its own, which no child inherits. Descriptor 1 becomes a second stderr, and 0 the null device.
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

STDIN, STDOUT, STDERR = 0, 1, 2


class WireFds(NamedTuple):
    """The file descriptors of the wire: binary and not inheritable; this process closes them."""

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
    # One buffer for both, so that prints and log lines keep their order.
    sys.stdout = sys.stderr
    if sys.platform == "win32":
        _set_binary(wire)
        _set_standard_handles()
    return wire


def _ensure_stderr() -> None:
    # A windowed program may have no stderr. Then the wire would get descriptor 2, and warnings would go to the client.
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
        # The C runtime does this only for console programs; libraries call GetStdHandle.
        for fd, number in ((STDIN, -10), (STDOUT, -11)):
            ctypes.windll.kernel32.SetStdHandle(number, ctypes.c_void_p(msvcrt.get_osfhandle(fd)))
