"""How soon the C library gives memory back to the system that is free again (mallopt(3), glibc)."""

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
"""Heaps for all threads together. Each connection's threads would get heaps of their own, up to eight for each core,
and what is free in one of them is of use to nobody else."""

MMAP_THRESHOLD = 4 * 1024 * 1024
"""Bytes from which on a block is the system's own, given back when it is free. Left alone, glibc raises it with each
block that is freed, up to 32 MiB. The planes of most cameras' pictures are smaller: new pages for each of them would
cost a fifth of the encoding's time."""

TRIM_THRESHOLD = 16 * 1024 * 1024
"""Free bytes at a heap's end from which on they are given back: some pictures stay, for the next ones."""

SETTINGS = ((_M_ARENA_MAX, ARENAS), (_M_MMAP_THRESHOLD, MMAP_THRESHOLD), (_M_TRIM_THRESHOLD, TRIM_THRESHOLD))


def give_memory_back_soon() -> None:
    """Hold what is kept beyond what is used small, over thousands of connections; nothing where there is no glibc."""
    mallopt = _of_glibc("mallopt")
    for name, value in SETTINGS if mallopt is not None else ():
        if not mallopt(name, value):
            log.debug("the C library did not take setting %d of its heap", name)


def give_memory_back() -> None:
    """All that is free now, also between what is used (malloc_trim(3)); nothing where there is no glibc.

    For a moment in which no camera is open. It takes some milliseconds.
    """
    malloc_trim = _of_glibc("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)


def _of_glibc(name: str) -> Any:
    """The function; None where the C library, or the system's, has no such thing."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
