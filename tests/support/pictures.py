"""Frames that are as hard to encode as a real scene: a moving textured background with camera noise."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from sidecar.media.frame import ColorRange, Frame, Plane

WIDTH, HEIGHT = 320, 180


class MovingPicture:
    """Makes yuv420p frames, always the same ones."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT, *, color_range: ColorRange = "tv") -> None:
        self.width = width
        self.height = height
        self._color_range: ColorRange = color_range
        random = np.random.default_rng(1)
        grain = random.integers(0, 256, (2 * height, 2 * width)).astype(np.float32)
        texture = cv2.GaussianBlur(grain, (0, 0), 1.5) - 128 + 8 * (cv2.GaussianBlur(grain, (0, 0), 12) - 128)
        self._y = _to_samples(128 + 2 * texture)
        self._u = _to_samples(128 + 60 * np.sin(np.arange(2 * width // 2) / 40) * np.ones((2 * height // 2, 1)))
        self._noise = random.normal(0, 2, (4, height, width)).astype(np.int16)

    def frame(self, number: int, fps: float = 30.0, start: float = 1000.0) -> Frame:
        """Frame `number`, taken `number / fps` seconds after `start`."""
        x, y = self._position(number, self.width), self._position(number + 50, self.height)
        luma = self._y[y : y + self.height, x : x + self.width] + self._noise[number % len(self._noise)]
        half_x, half_y, half_width, half_height = x // 2, y // 2, self.width // 2, self.height // 2
        u = self._u[half_y : half_y + half_height, half_x : half_x + half_width]
        planes = (_to_samples(luma), u, 255 - u)
        captured_at = start + number / fps
        return Frame(planes, "yuv420p", self.width, self.height, number, captured_at, self._color_range)

    @staticmethod
    def _position(number: int, size: int) -> int:
        return int(size / 2 * (1 + math.sin(number / 20))) & ~1


def _to_samples(values: npt.NDArray[Any]) -> Plane:
    samples: Plane = np.clip(values, 16, 235).astype(np.uint8)
    return samples
