"""The settings by which the C library returns free memory to the system (mallopt(3), glibc)."""

from __future__ import annotations

import ctypes
import logging
import sys
from typing import Any

log = logging.getLogger(__name__)

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8

ARENAS = 2
"""The number of heaps for all threads together. By default each thread of each connection gets a heap of its own, up to
eight for each core, and other threads cannot use the free memory in it."""

MMAP_THRESHOLD = 4 * 1024 * 1024
"""The size, in bytes, from which on a block is mapped by itself and unmapped when it is freed. By default glibc raises
it with each freed block, up to 32 MiB. The planes of most cameras' pictures are smaller: new pages for each of them
would cost a fifth of the encoding's time."""

TRIM_THRESHOLD = 16 * 1024 * 1024
"""The free bytes at the end of a heap from which on they are returned: room for some pictures stays."""

SETTINGS = ((_M_ARENA_MAX, ARENAS), (_M_MMAP_THRESHOLD, MMAP_THRESHOLD), (_M_TRIM_THRESHOLD, TRIM_THRESHOLD))


def bound_free_memory() -> None:
    """Bound the free memory of the heaps over thousands of connections. Without glibc this has no effect."""
    mallopt = _of_glibc("mallopt")
    for name, value in SETTINGS if mallopt is not None else ():
        if not mallopt(name, value):
            log.debug("the C library refused setting %d of its heaps", name)


def give_memory_back() -> None:
    """Return all free memory to the system now, also between blocks in use (malloc_trim(3)). No effect without glibc.

    It takes some milliseconds: call it while no camera is open.
    """
    malloc_trim = _of_glibc("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)


def _of_glibc(name: str) -> Any:
    """Return a function of the C library; None for another C library, or one without the function."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
