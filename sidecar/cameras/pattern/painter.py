"""Draws the frames of the test pattern.

From top to bottom: the time stamp strip of the contract (32 cells of width/32 by height/18, least significant bit
first: the wall clock in milliseconds modulo 2**32), the time in digits and a frame counter on a dark panel, a dial
whose hand turns once a second, a bouncing ball, and the colour bars. L, R and an arrow that points up show the
orientation. A grainy, textured background moves behind them, so that an encoder works as hard as for a real scene.
"""

from __future__ import annotations

import math
import time

import cv2
import numpy as np

from sidecar.cameras.device import Format
from sidecar.cameras.pattern.art import (
    Art,
    Font,
    Planes,
    arrow_up,
    art,
    dial_face,
    dim,
    empty_planes,
    fill,
    font,
    lighten,
)
from sidecar.media.frame import Plane

STAMP_CELLS = 32

COLOR_BARS = (
    ("white", (180, 128, 128)),
    ("yellow", (162, 44, 142)),
    ("cyan", (131, 156, 44)),
    ("green", (112, 72, 58)),
    ("magenta", (84, 184, 198)),
    ("red", (65, 100, 212)),
    ("blue", (35, 212, 114)),
    ("black", (16, 128, 128)),
)
"""The 75 % colour bars from left to right as (Y, U, V), BT.601, limited range: R, G and B are 191 or 0 (of 255)."""

BLACK, WHITE = 16, 235
ACCENT = (150, 172, 80)  # a light blue
BALL = (150, 60, 180)  # an orange
CHARACTERS = "0123456789 -abcdefghijklmnopqrstuvwxyz:@.LRUP"


def stamp_height(height: int) -> int:
    """Return the height of the time stamp strip at the top, in pixels."""
    return max(1, height // 18)


def color_bar(width: int, height: int, bar: int) -> tuple[int, int, int, int]:
    """Return the area of COLOR_BARS[bar]: x, y, width and height in pixels, all even."""
    left, right = (edge * width // len(COLOR_BARS) & ~1 for edge in (bar, bar + 1))
    top, bottom = (eighteenth * height // 18 & ~1 for eighteenth in (15, 17))
    return left, top, right - left, bottom - top


class Painter:
    """Draws the test pattern of one format in yuv420p, on a grid of 32 columns and 18 rows."""

    def __init__(self, painted: Format) -> None:
        self._width, self._height, self._fps = painted.width, painted.height, painted.fps
        self._art: Art = art(painted.width, painted.height)
        self._grain_places = np.random.default_rng(7)
        self._large = self._font(2.6, "00:00:00.000", room=17)
        self._small = self._font(1.1, "frame 00000000", room=17)
        self._face = dial_face(round(3.2 * min(self._width / 32, self._height / 18)))
        self._labels = self._make_labels(painted)

    def paint(self, number: int, wall: float) -> Planes:
        """Return new planes of frame `number`, which shows the wall clock `wall` (seconds since the epoch)."""
        planes = self._background(number)
        self._draw_panel(planes, number, wall)
        self._draw_dial(planes, wall)
        self._draw_ball(planes, number / self._fps)
        self._draw_footer(planes)
        self._draw_bars(planes)
        for x, y, label in self._labels:
            lighten(planes[0], x, y, label)
        self._draw_stamp(planes, wall)
        return planes

    def _place(self, column: float, row: float) -> tuple[int, int]:
        """Return the pixel coordinates, both even, of a point on the grid."""
        return round(column * self._width / 32) & ~1, round(row * self._height / 18) & ~1

    def _font(self, rows: float, widest: str, room: float) -> Font:
        """Return a font of `rows` grid rows, or a smaller one so that `widest` fits into `room` columns."""
        height = max(5, round(rows * self._height / 18))
        fitting = height * room * self._width / 32 / font(height, CHARACTERS).width(widest)
        return font(max(5, min(height, int(fitting))), CHARACTERS)

    def _make_labels(self, painted: Format) -> list[tuple[int, int, Plane]]:
        small, (_, middle) = self._small, self._place(0, 10)
        about = f"camera-sidecar test pattern {painted.width}x{painted.height} @ {painted.fps:g}"
        about_font = self._font(0.9, about, room=30)
        arrow = arrow_up(max(6, self._height // 9))
        x, y = self._place(21, 3.4)
        return [
            (small.width("0"), middle, small.line("L")),
            (self._width - small.width("0R"), middle, small.line("R")),
            (x, y, arrow),
            (x + (arrow.shape[1] - small.width("UP")) // 2, y + arrow.shape[0], small.line("UP")),
            (self._place(1, 0)[0], self._place(0, 17)[1], about_font.line(about)),
        ]

    def _background(self, number: int) -> Planes:
        width, height, seconds = self._width, self._height, number / self._fps
        half_margin = self._art.margin / 2
        x = round(half_margin * (1 + math.sin(1.4 * seconds))) & ~1
        y = round(half_margin * (1 + math.cos(1.1 * seconds))) & ~1
        luma, u, v = planes = empty_planes(width, height)
        grain_x, grain_y = self._grain_places.integers(0, self._art.grain_margin, 2)
        texture, blue, red = self._art.background
        grain = self._art.grain[grain_y : grain_y + height, grain_x : grain_x + width]
        np.add(texture[y : y + height, x : x + width], grain, out=luma)
        u[:] = blue[y // 2 : (y + height) // 2, x // 2 : (x + width) // 2]
        v[:] = red[y // 2 : (y + height) // 2, x // 2 : (x + width) // 2]
        return planes

    def _draw_panel(self, planes: Planes, number: int, wall: float) -> None:
        (x, y), (right, bottom) = self._place(1.5, 2), self._place(19.5, 6.8)
        dim(planes, x, y, right, bottom)
        fill(planes, (x, y, right - x, max(2, self._height // 180 & ~1)), ACCENT)
        text_x, time_y = self._place(2, 2.5)
        milliseconds = int(wall * 1000) % 1000
        figures = time.strftime("%H:%M:%S", time.localtime(wall)) + f".{milliseconds:03d}"
        self._large.write(planes[0], text_x, time_y, figures)
        self._small.write(planes[0], text_x, time_y + self._large.height, f"frame {number % 10**8:08d}")

    def _draw_dial(self, planes: Planes, wall: float) -> None:
        radius = self._face.shape[0] // 2
        centre_x, centre_y = self._place(27, 6)
        for plane, scale, value in zip(planes, (1, 2, 2), (40, 128, 128), strict=True):
            cv2.circle(plane, (centre_x // scale, centre_y // scale), radius // scale, (value,), cv2.FILLED)
        lighten(planes[0], centre_x - radius, centre_y - radius, self._face)
        angle = 2 * math.pi * (wall % 1)
        tip_x, tip_y = (centre_x + radius * 0.8 * math.sin(angle), centre_y - radius * 0.8 * math.cos(angle))
        for plane, scale, value in zip(planes, (1, 2, 2), ACCENT, strict=True):
            start, end = (centre_x // scale, centre_y // scale), (round(tip_x / scale), round(tip_y / scale))
            cv2.line(plane, start, end, (value,), max(1, radius // 10 // scale), cv2.LINE_AA)

    def _draw_ball(self, planes: Planes, seconds: float) -> None:
        radius = max(2, self._height // 22)
        left, right = 2 * radius, max(2 * radius + 1, self._width - 2 * radius)
        across = abs((seconds / 2.5) % 2 - 1)
        x = left + (right - left) * across
        floor = 15 * self._height / 18 - radius
        y = floor - 4.5 * self._height / 18 * abs(math.sin(math.pi * seconds / 0.9))
        for plane, scale, value in zip(planes, (1, 2, 2), BALL, strict=True):
            cv2.circle(plane, (round(x / scale), round(y / scale)), radius // scale, (value,), cv2.FILLED, cv2.LINE_AA)

    def _draw_footer(self, planes: Planes) -> None:
        _, top = self._place(0, 17)
        dim(planes, 0, top, self._width, self._height)

    def _draw_bars(self, planes: Planes) -> None:
        for bar, (_, value) in enumerate(COLOR_BARS):
            fill(planes, color_bar(self._width, self._height, bar), value)

    def _draw_stamp(self, planes: Planes, wall: float) -> None:
        """Draw the 32 cells. The chroma of their rows is grey to the last line, so that no colour bleeds in."""
        height = stamp_height(self._height)
        milliseconds = int(wall * 1000) % 2**STAMP_CELLS
        edges = [cell * self._width // STAMP_CELLS for cell in range(STAMP_CELLS + 1)]
        luma, u, v = planes
        luma[:height] = BLACK
        for cell in range(STAMP_CELLS):
            if milliseconds >> cell & 1:
                luma[:height, edges[cell] : edges[cell + 1]] = WHITE
        u[: (height + 1) // 2] = v[: (height + 1) // 2] = 128
