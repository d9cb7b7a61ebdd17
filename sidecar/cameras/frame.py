"""A picture on its way from a camera to the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:  # a frame's form can be spoken of without numpy, which is a sixth of what an idle sidecar may weigh
    import numpy as np
    import numpy.typing as npt

Plane: TypeAlias = "npt.NDArray[np.uint8]"
ColorRange = Literal["tv", "pc"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture.

    `planes` are uint8 arrays as `pixel_format` (FFmpeg's name) lays them out: yuv420p has Y (height, width), U and V
    (height/2, width/2); yuv422p has U and V (height, width/2); nv12 has Y and UV (height/2, width); yuyv422 has one of
    (height, 2*width); gray has one of (height, width); bgr24 has one of (height, width, 3). Rows may be strided.
    `captured_at` is time.monotonic() in seconds when the picture was taken, as near to the exposure as the driver
    tells; `number` counts the camera's frames from 0. `color_range` is "tv" (16 to 235) or "pc" (0 to 255); the matrix
    is BT.601.
    """

    planes: tuple[Plane, ...]
    pixel_format: str
    width: int
    height: int
    number: int
    captured_at: float
    color_range: ColorRange = "tv"
