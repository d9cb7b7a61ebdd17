"""The parts of the test pattern: a background like a photograph, grain like a sensor's noise, and fonts."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sidecar.media.frame import Plane

Planes = tuple[Plane, Plane, Plane]

TEXTURE_WIDTH = 768
"""The width, in pixels, of the calculated texture; scaling it to the frame saves most of the start-up time."""

GRAIN_TILE = 320
"""The side of the repeated piece of grain, in pixels."""

GRAIN_DEVIATION = 2.0
"""The standard deviation of the grain in luma steps, as of a webcam in a lit room."""

FACE = cv2.FONT_HERSHEY_DUPLEX
FIGURES = "0123456789"

LUMA_LOW, LUMA_HIGH = 40, 200
"""The range of the background's luma, so that luma with grain stays within 16 to 235."""


@dataclass(frozen=True)
class Art:
    """The constant parts of all frames of one size. They are never modified.

    The background (yuv420p) is larger than the frame by `margin` pixels in both directions; the frame shows a moving
    window of it. The grain, which is added to the luma modulo 256, is larger by `grain_margin`.
    """

    background: Planes
    margin: int
    grain: Plane
    grain_margin: int


@functools.lru_cache(maxsize=2)
def art(width: int, height: int) -> Art:
    """Return the constant parts for frames of this even size."""
    random = np.random.default_rng(20)
    margin = max(8, width // 10) & ~1
    grain_margin = 64
    return Art(
        background=_background(random, width + margin, height + margin),
        margin=margin,
        grain=_grain(random, width + grain_margin, height + grain_margin),
        grain_margin=grain_margin,
    )


def _background(random: np.random.Generator, width: int, height: int) -> Planes:
    columns, rows = TEXTURE_WIDTH, max(16, TEXTURE_WIDTH * height // width)
    luma = LUMA_LOW + (LUMA_HIGH - LUMA_LOW) * _octaves(random, columns, rows, finest=2)
    blue = 128 + 44 * (_octaves(random, columns // 4, rows // 4, finest=8) - 0.35)
    red = 128 + 52 * (_octaves(random, columns // 4, rows // 4, finest=8) - 0.6)
    half = (width // 2, height // 2)
    return _stretched(luma, (width, height)), _stretched(blue, half), _stretched(red, half)


def _octaves(random: np.random.Generator, columns: int, rows: int, finest: int) -> npt.NDArray[np.float32]:
    """Return smooth noise from 0 to 1 with the spectrum of photographs (1/f)."""
    total = np.zeros((rows, columns), np.float32)
    cell = max(finest, max(columns, rows) // 4)
    while cell >= finest:
        knots = random.random((rows // cell + 2, columns // cell + 2), dtype=np.float32)
        total += cv2.resize(knots, (columns, rows), interpolation=cv2.INTER_CUBIC) * np.float32(cell)
        cell //= 2
    low, high = float(total.min()), float(total.max())
    return (total - np.float32(low)) / np.float32(max(high - low, 1e-6))


def _stretched(values: npt.NDArray[np.float32], size: tuple[int, int]) -> Plane:
    return cv2.resize(values, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def _grain(random: np.random.Generator, width: int, height: int) -> Plane:
    noise = random.standard_normal((GRAIN_TILE, GRAIN_TILE), dtype=np.float32) * np.float32(GRAIN_DEVIATION)
    tile: Plane = np.clip(np.rint(noise), -8, 8).astype(np.int8).view(np.uint8)
    repeats = (height // GRAIN_TILE + 1, width // GRAIN_TILE + 1)
    return np.ascontiguousarray(np.tile(tile, repeats)[:height, :width])


def empty_planes(width: int, height: int) -> Planes:
    """Return uninitialised planes of an even size in one piece of memory: Y, then U, then V (I420)."""
    pixels = width * height
    memory = np.empty(pixels * 3 // 2, np.uint8)
    half = (height // 2, width // 2)
    return (
        memory[:pixels].reshape(height, width),
        memory[pixels : pixels * 5 // 4].reshape(half),
        memory[pixels * 5 // 4 :].reshape(half),
    )


def fill(planes: Planes, area: tuple[int, int, int, int], value: tuple[int, int, int]) -> None:
    """Fill an area (x, y, width, height, all even) with one colour (Y, U, V)."""
    x, y, width, height = area
    for plane, scale, component in zip(planes, (1, 2, 2), value, strict=True):
        plane[y // scale : (y + height) // scale, x // scale : (x + width) // scale] = component


def dim(planes: Planes, left: int, top: int, right: int, bottom: int) -> None:
    """Halve luma and chroma of an area with even edges, as behind dark glass."""
    luma = planes[0][top:bottom, left:right]
    np.right_shift(luma, 1, out=luma)
    for plane in planes[1:]:
        chroma = plane[top // 2 : bottom // 2, left // 2 : right // 2]
        np.right_shift(chroma, 1, out=chroma)
        np.add(chroma, 64, out=chroma)


def lighten(luma: Plane, x: int, y: int, label: Plane) -> None:
    """Draw a white-on-black label over the frame, clipped to the frame."""
    area = luma[y : y + label.shape[0], x : x + label.shape[1]]
    np.maximum(area, label[: area.shape[0], : area.shape[1]], out=area)


def dial_face(radius: int) -> Plane:
    """Return a ring with twelve marks, white on black, of 2 * radius + 1 pixels a side."""
    face = np.zeros((2 * radius + 1, 2 * radius + 1), np.uint8)
    thickness = max(1, radius // 24)
    cv2.circle(face, (radius, radius), radius - thickness, (200.0,), thickness, cv2.LINE_AA)
    for hour in range(12):
        direction = np.array([np.sin(hour * np.pi / 6), -np.cos(hour * np.pi / 6)])
        inner, outer = (np.rint(radius + direction * radius * part).astype(int).tolist() for part in (0.82, 0.9))
        cv2.line(face, inner, outer, (200.0,), thickness, cv2.LINE_AA)
    return face


def arrow_up(height: int) -> Plane:
    """Return an arrow that points up, white on black, half as wide as high."""
    width = height // 2
    corners = np.array([(0.5, 0.0), (1.0, 0.45), (0.65, 0.45), (0.65, 1.0), (0.35, 1.0), (0.35, 0.45), (0.0, 0.45)])
    points = np.rint(corners * (width - 1, height - 1)).astype(np.int32)
    drawing = np.zeros((height, width), np.uint8)
    cv2.fillPoly(drawing, [points], (235.0,), cv2.LINE_AA)
    return drawing


class Font:
    """White-on-black letters, drawn once. All digits have one width, so that a running number does not jitter."""

    def __init__(self, height: int, characters: str) -> None:
        self.height = height
        self._thickness = max(1, height // 16)
        (_, unit), _ = cv2.getTextSize("0", FACE, 1.0, 1)
        self._scale = height * 0.62 / unit
        figure = max(self._measure(c) for c in FIGURES)
        self._cells = {c: self._cell(c, figure if c in FIGURES else self._measure(c)) for c in characters}

    def width(self, text: str) -> int:
        """Return the width of `text`, in pixels."""
        return sum(self._cells[c].shape[1] for c in text)

    def write(self, luma: Plane, x: int, y: int, text: str) -> None:
        """Write `text` with its upper left corner at (x, y), clipped to the frame."""
        for character in text:
            cell = self._cells[character]
            lighten(luma, x, y, cell)
            x += cell.shape[1]

    def line(self, text: str) -> Plane:
        """Return a label with `text`, for text that never changes."""
        strip = np.zeros((self.height, self.width(text)), np.uint8)
        self.write(strip, 0, 0, text)
        return strip

    def _measure(self, character: str) -> int:
        """Return the advance width of a character, in pixels."""
        twice = cv2.getTextSize(character * 2, FACE, self._scale, self._thickness)[0][0]
        return max(1, twice - cv2.getTextSize(character, FACE, self._scale, self._thickness)[0][0])

    def _cell(self, character: str, width: int) -> Plane:
        cell = np.zeros((self.height, width), np.uint8)
        origin = ((width - self._measure(character)) // 2, round(self.height * 0.81))
        cv2.putText(cell, character, origin, FACE, self._scale, (235.0,), self._thickness, cv2.LINE_AA)
        return cell


@functools.lru_cache(maxsize=16)
def font(height: int, characters: str) -> Font:
    """Return a cached font: OpenCV 5 initialises its letters on each thread that draws text, which takes 20 ms."""
    return Font(height, characters)
