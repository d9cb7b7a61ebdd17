"""The placeholder that is shown while a camera is lost: three lines of text, and moving dots.

The module has its own letters: OpenCV's would take 16 MB of memory that a camera through PyAV does not need.
"""

from __future__ import annotations

import functools
import time
from typing import Final

import numpy as np

from sidecar.cameras.device import Format
from sidecar.cameras.pattern.painted_camera import PaintedCamera
from sidecar.media.frame import Colour, Frame, Plane

LINES: Final = ("CAMERA LOST", "WAITING FOR IT", "TO COME BACK")
DARK, DIM, BRIGHT = 32, 80, 200  # luma, in either range
DOTS: Final = 3

LETTER_WIDTH, LETTER_HEIGHT = 5, 7
ADVANCE, LINE_SPACING = 6, 11  # in the letters' own pixels

LETTERS: Final = {
    " ": "..... ..... ..... ..... ..... ..... .....",
    "A": ".###. #...# #...# ##### #...# #...# #...#",
    "B": "####. #...# #...# ####. #...# #...# ####.",
    "C": ".###. #...# #.... #.... #.... #...# .###.",
    "E": "##### #.... #.... ####. #.... #.... #####",
    "F": "##### #.... #.... ####. #.... #.... #....",
    "G": ".###. #...# #.... #.### #...# #...# .###.",
    "I": ".###. ..#.. ..#.. ..#.. ..#.. ..#.. .###.",
    "K": "#...# #..#. #.#.. ##... #.#.. #..#. #...#",
    "L": "#.... #.... #.... #.... #.... #.... #####",
    "M": "#...# ##.## #.#.# #.#.# #...# #...# #...#",
    "N": "#...# ##..# ##..# #.#.# #..## #..## #...#",
    "O": ".###. #...# #...# #...# #...# #...# .###.",
    "R": "####. #...# #...# ####. #.#.. #..#. #...#",
    "S": ".#### #.... #.... .###. ....# ....# ####.",
    "T": "##### ..#.. ..#.. ..#.. ..#.. ..#.. ..#..",
    "W": "#...# #...# #...# #.#.# #.#.# ##.## #...#",
}


class Placeholder(PaintedCamera):
    """A dark picture with the words "camera lost", as a camera.

    The first frame follows after 1 / `fps` seconds: a camera that returns sooner needs no placeholder.
    """

    def __init__(self, width: int, height: int, colour: Colour, fps: float) -> None:
        """`width` and `height` are even, in pixels. `colour` is the lost camera's, so that the encoder stays."""
        super().__init__(Format(width, height, fps, "yuv420p"))
        self._colour = colour

    def _next_frame(self) -> Frame:
        if self._number == 0:
            self._pace.wait(0)
        self._pace.wait(1 / self._format.fps)
        number = self._next_number()
        width, height = self._format.width, self._format.height
        return Frame(picture(width, height, number), "yuv420p", width, height, number, time.monotonic(), *self._colour)


def picture(width: int, height: int, number: int) -> tuple[Plane, Plane, Plane]:
    """Return Y, U and V of the frame with this number. A frame that is too small for the text has only the dots."""
    luma = np.full((height, width), DARK, np.uint8)
    words = _words(max(width * 6 // 10 // _longest_line(), 1))
    if words.shape[0] <= height * 6 // 10 and words.shape[1] <= width:
        _lay(luma, words, width // 2, height * 4 // 10)
    side = max(2, min(width, height) // 30)
    for dot in range(DOTS):
        square = np.full((side, side), BRIGHT if dot == number % DOTS else DIM, np.uint8)
        _lay(luma, square, width // 2 + (dot - DOTS // 2) * 3 * side, height * 8 // 10)
    grey = np.full((height // 2, width // 2), 128, np.uint8)
    return luma, grey, grey


def _longest_line() -> int:
    return max(map(len, LINES)) * ADVANCE


@functools.lru_cache(maxsize=4)
def _words(scale: int) -> Plane:
    """Return the lines, centred, with letters enlarged by `scale`."""
    words = np.full((len(LINES) * LINE_SPACING, _longest_line()), DARK, np.uint8)
    for row, line in enumerate(LINES):
        left = (words.shape[1] - len(line) * ADVANCE) // 2
        for column, letter in enumerate(line):
            _lay_corner(words, _letter(letter), left + column * ADVANCE, row * LINE_SPACING)
    return words.repeat(scale, axis=0).repeat(scale, axis=1)


def _letter(letter: str) -> Plane:
    rows = LETTERS[letter].split()
    return np.array([[BRIGHT if point == "#" else DARK for point in row] for row in rows], np.uint8)


def _lay(luma: Plane, drawing: Plane, centre_x: int, centre_y: int) -> None:
    _lay_corner(luma, drawing, centre_x - drawing.shape[1] // 2, centre_y - drawing.shape[0] // 2)


def _lay_corner(luma: Plane, drawing: Plane, x: int, y: int) -> None:
    luma[y : y + drawing.shape[0], x : x + drawing.shape[1]] = drawing
