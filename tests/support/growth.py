"""Distinguishes work that is linear in its input from work that is quadratic."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")

FACTOR = 8
"""How much longer the second input is. Linear work takes 8 times as long for it, quadratic work 64 times."""

MOST_GROWTH = 24.0
"""Times as long; between linear and quadratic, so that neither the processor's caches nor its noise decide."""

ROUNDS, MORE_ROUNDS = 5, 12
"""The quickest counts; of more where the work seems to grow too much, because other programs empty the caches."""

SHORTEST = 0.002
"""Seconds of the shorter measurement at least; below them the clock's grain and the fixed costs count too much."""

LONGEST_INPUT = 1 << 22


def growth(make: Callable[[int], Input], work: Callable[[Input], object], size: int = 64) -> float:
    """Return how many times as long `work` takes for an input that is FACTOR times as long.

    `make` returns an input of a length proportional to its argument; `size` is the first one tried. The processor time
    of this thread counts, the quickest of ROUNDS or MORE_ROUNDS, with an input as long as SHORTEST needs. If work's
    input is refused by its length alone never gets that slow: it does not grow, and the result is 1.
    """
    while (short := _seconds(work, make(size), ROUNDS)) < SHORTEST:
        size *= 2
        if size * FACTOR > LONGEST_INPUT:
            return 1.0
    ratio = _seconds(work, make(size * FACTOR), ROUNDS) / short
    if ratio <= MOST_GROWTH:
        return ratio
    return _seconds(work, make(size * FACTOR), MORE_ROUNDS) / _seconds(work, make(size), MORE_ROUNDS)


def _seconds(work: Callable[[Input], object], value: Input, rounds: int) -> float:
    return min(_once(work, value) for _ in range(rounds))


def _once(work: Callable[[Input], object], value: Input) -> float:
    gc.disable()  # a collection in between goes through all that the process holds, which is not the work's doing
    try:
        before = time.thread_time()
        work(value)
        return time.thread_time() - before
    finally:
        gc.enable()
