"""A picture on its way from a camera to the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:  # a frame's form can be spoken of without numpy, which is a sixth of what an idle sidecar may weigh
    import numpy as np
    import numpy.typing as npt

Plane: TypeAlias = "npt.NDArray[np.uint8]"
ColorRange = Literal["tv", "pc"]
Matrix = Literal["bt601", "bt709"]


class Colour(NamedTuple):
    """How samples stand for colours: the range, "tv" (16 to 235) or "pc" (0 to 255), and the matrix coefficients."""

    color_range: ColorRange = "tv"
    matrix: Matrix = "bt601"


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture, upright and with square pixels.

    `planes` are uint8 arrays as `pixel_format` (FFmpeg's name) lays them out: yuv420p has Y (height, width), U and V
    (height/2, width/2); yuv422p has U and V (height, width/2); nv12 has Y and UV (height/2, width); yuyv422 has one of
    (height, 2*width); gray has one of (height, width); bgr24 has one of (height, width, 3). Rows may be strided, also
    backwards. `captured_at` is time.monotonic() in seconds when the picture was taken, as near to the exposure as the
    driver tells; `number` counts the camera's frames from 0. `color_range` and `matrix` are those of `Colour`; the
    primaries and the transfer characteristics are BT.709's, which receivers take for those of sRGB. What a source says
    about its own colours, orientation and pixel aspect ratio is applied before (picture_format.py, conversion.py).
    """

    planes: tuple[Plane, ...]
    pixel_format: str
    width: int
    height: int
    number: int
    captured_at: float
    color_range: ColorRange = "tv"
    matrix: Matrix = "bt601"

    @property
    def colour(self) -> Colour:
        """The range and the matrix of the samples."""
        return Colour(self.color_range, self.matrix)
