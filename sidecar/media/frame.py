"""One uncompressed picture, from a camera to the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:  # numpy would be a sixth of the memory of an idle sidecar
    import numpy as np
    import numpy.typing as npt

Plane: TypeAlias = "npt.NDArray[np.uint8]"
ColorRange = Literal["tv", "pc"]
Matrix = Literal["bt601", "bt709"]


class Colour(NamedTuple):
    """The meaning of samples: the range, "tv" (16 to 235) or "pc" (0 to 255), and the matrix coefficients."""

    color_range: ColorRange = "tv"
    matrix: Matrix = "bt601"


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture, upright and with square pixels.

    `planes` are uint8 arrays in the layout of `pixel_format` (pixel_formats.py): yuv420p has Y (height, width), U and V
    (height/2, width/2); yuv422p has U and V (height, width/2); nv12 has Y and UV (height/2, width); yuyv422 has one
    plane (height, 2*width); gray has one (height, width); bgr24 has one (height, width, 3). Rows may be strided, also
    backwards. `captured_at` is the time.monotonic() of the capture in seconds, as near to the exposure as the driver
    reports it; `number` counts the camera's frames from 0. `color_range` and `matrix` are the members of `Colour`; the
    primaries and the transfer characteristics are BT.709's, which receivers show as sRGB. A source's own colours,
    orientation and pixel aspect ratio are converted before (cameras/picture_format.py, cameras/conversion.py).
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
