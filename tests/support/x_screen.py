"""The pixels of an X screen, and mouse clicks: an app tested from outside."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import TypeVar

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer

from tests.support.x_window import close_window

Pixels = npt.NDArray[np.uint8]
"""A picture: height, width, and red, green, blue of 0 to 255."""

Seen = TypeVar("Seen")

CLICK_SECONDS = 10.0
FPS = 10  # to look costs the processor that the app needs, too
LEAST_BUTTON = 1000  # pixels of one colour; a letter or a frame has far fewer

# The test picture, see sidecar/cameras/pattern/painter.py. Its colour bars are eight; the first is grey.
CELLS = 32
BARS = ("yellow", "cyan", "green", "magenta", "red", "blue")
CODES = {"yellow": 6, "cyan": 3, "green": 2, "magenta": 5, "red": 4, "blue": 1}  # bits: red, green, blue
HIGH, LOW = 120, 70  # a bar's channels are above the one or below the other
LEAST_BAR = 8  # pixels; a narrower area is the edge between two bars
LEAST_STRIP = 5  # rows that say the same
MAX_AGE = 10_000  # milliseconds; an older value is no time stamp


class Screen:
    """An X screen."""

    def __init__(self, display: str, container: InputContainer) -> None:
        self._display = display
        self._pictures = container.decode(video=0)

    def look(self) -> Pixels:
        """The present pixels of the screen; waits, so that there are at most FPS reads a second."""
        return next(self._pictures).to_ndarray(format="rgb24").astype(np.uint8, copy=False)

    def until(self, see: Callable[[Pixels], Seen | None], seconds: float) -> Seen:
        """Wait until `see` finds a value on the screen and return it; raises AssertionError after the limit."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if (seen := see(self.look())) is not None:
                return seen
        raise AssertionError(f"not seen on the screen within {seconds} s")

    def click(self, x: int, y: int) -> None:
        """The left mouse button, there."""
        command = ["xdotool", "mousemove", str(x), str(y), "click", "1"]
        subprocess.run(command, env={"DISPLAY": self._display}, check=True, timeout=CLICK_SECONDS)

    def close_window(self, title: str) -> None:
        """Close the window of this title, as its user would."""
        close_window(self._display, title)


@contextmanager
def watching(display: str) -> Iterator[Screen]:
    """The screen of this name."""
    options = {"framerate": str(FPS), "draw_mouse": "0"}
    with av.open(display, format="x11grab", options=options) as container:
        yield Screen(display, container)


def button(picture: Pixels, colour: tuple[int, int, int]) -> tuple[int, int] | None:
    """Return the middle (x, y) of the area with exactly this colour, None without one."""
    rows, columns = np.nonzero((picture == np.array(colour, np.uint8)).all(axis=2))
    return (int(np.median(columns)), int(np.median(rows))) if rows.size >= LEAST_BUTTON else None


def time_stamp(picture: Pixels) -> int | None:
    """The time in the test picture's strip, in milliseconds since the epoch; None when there is no such picture.

    The colour bars tell where the picture is and how wide; the strip is above them.
    """
    now = time.time_ns() // 1_000_000
    for row in range(picture.shape[0] - 1, 0, -LEAST_STRIP):
        if (place := bars(picture[row])) is not None:
            left, width = place
            cells = (left + (np.arange(CELLS) + 0.5) * width / CELLS).astype(int)
            bits = picture[:row, cells, 1] > 127  # green carries most of the luma
            ages = (now - bits @ (1 << np.arange(CELLS, dtype=np.int64))) % 2**CELLS
            found, rows = np.unique(ages[ages <= MAX_AGE], return_counts=True)
            return now - int(found[rows.argmax()]) if rows.max(initial=0) >= LEAST_STRIP else None
    return None


def bars(line: Pixels) -> tuple[float, float] | None:
    """The left end and the width of the test picture, from a row of pixels through its bars; None for other rows."""
    codes = (line > HIGH) @ np.array([4, 2, 1])
    codes[((line >= LOW) & (line <= HIGH)).any(axis=1)] = 0
    if not np.isin(list(CODES.values()), codes).all():  # most rows: the way below is long
        return None
    runs = [(code, [x for x, _ in pixels]) for code, pixels in groupby(enumerate(codes), key=lambda pixel: pixel[1])]
    wide = [(code, columns) for code, columns in runs if len(columns) >= LEAST_BAR]
    for first in range(len(wide) - len(BARS) + 1):
        some = wide[first : first + len(BARS)]
        if [code for code, _ in some] == [CODES[name] for name in BARS]:
            begin, end = some[0][1][0], some[-1][1][-1] + 1
            width = (end - begin) * 8 / len(BARS)
            return begin - width / 8, width
    return None
