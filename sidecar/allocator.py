"""How soon the C library gives memory back to the system that is free again (mallopt(3), glibc)."""

from __future__ import annotations

import ctypes
import logging
import sys

log = logging.getLogger(__name__)

_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8

ARENAS = 2
"""Heaps for all threads together. Each connection's threads would get heaps of their own, up to eight for each core,
and what is free in one of them is of use to nobody else."""

MMAP_THRESHOLD = 128 * 1024
"""Bytes from which on a block is the system's own, given back when it is free. Left alone, glibc raises it to the size
of the first picture that is freed, and then keeps the place of every picture for the next one."""


def give_memory_back_soon() -> None:
    """Hold what is kept beyond what is used small, over thousands of connections; nothing where there is no glibc."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
    if mallopt is None:
        return
    if not (mallopt(_M_ARENA_MAX, ARENAS) and mallopt(_M_MMAP_THRESHOLD, MMAP_THRESHOLD)):
        log.debug("the C library did not take the settings of its heap")
