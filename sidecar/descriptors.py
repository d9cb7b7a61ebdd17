"""The errors of a process, or of a system, without a free file descriptor."""

from __future__ import annotations

import errno
from typing import Final

TOO_MANY_OPEN: Final = frozenset({errno.EMFILE, errno.ENFILE, getattr(errno, "WSAEMFILE", errno.EMFILE)})
"""The error numbers of an OSError when no file descriptor is free, for this process or on the whole machine."""
