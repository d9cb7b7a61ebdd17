"""Listed cameras, their formats, and the choice of the format to open."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sidecar.contract.types import CameraKind
from sidecar.media.pixel_formats import FRAME_FORMATS

if TYPE_CHECKING:
    from sidecar.cameras.sources.allowed import Source

DEFAULT_WIDTH, DEFAULT_HEIGHT, DEFAULT_FPS = 1280, 720, 30.0
"""The format without a request: the size that most webcams and screens share."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format that a camera offers, or the one in force: pixels, frames per second, FFmpeg's pixel format name."""

    width: int
    height: int
    fps: float
    pixel_format: str


@dataclass(frozen=True, slots=True)
class RequestedFormat:
    """The format that a viewer requests; None leaves the choice to the camera."""

    width: int | None = None
    height: int | None = None
    fps: float | None = None

    def size(self) -> tuple[int, int]:
        """Return width and height in pixels; a missing side is completed to 16:9."""
        if self.width is None and self.height is None:
            return DEFAULT_WIDTH, DEFAULT_HEIGHT
        if self.height is None:
            return self.width or DEFAULT_WIDTH, round((self.width or DEFAULT_WIDTH) * 9 / 16)
        return self.width or round(self.height * 16 / 9), self.height

    def rate(self) -> float:
        """Return the frame rate in frames per second, by default 30."""
        return self.fps or DEFAULT_FPS


@dataclass(frozen=True, slots=True)
class Device:
    """A camera as it is listed.

    A backend opens it by its `address` ("/dev/video0") or by its `index` in the system's own list. Both may change from
    one listing to the next; `device_id` does not. `aliases` are other ids of this device. A file or a network camera is
    opened by its `source`; a file has a source only after its id was resolved.
    """

    device_id: str
    name: str
    description: str
    kind: CameraKind
    is_available: bool
    formats: tuple[Format, ...]
    platform: str
    address: str
    index: int = 0
    aliases: tuple[str, ...] = ()
    source: Source | None = None

    @property
    def key(self) -> Hashable:
        """The identity of the camera, equal for all spellings of its id, so that the camera is opened once."""
        return self.device_id if self.source is None else self.source.key


def nearest_format(formats: Sequence[Format], requested: RequestedFormat) -> Format | None:
    """Return the best of `formats` for `requested`; None when `formats` is empty.

    The best format covers the requested size at the requested rate, with the least excess. Where no format does, the
    size counts before the rate. At equal size and rate uncompressed formats come before MJPEG, and both before formats
    that must be converted.
    """
    width, height = requested.size()
    rate = requested.rate()

    def cost(offered: Format) -> tuple[float, ...]:
        missing = width * height - min(offered.width, width) * min(offered.height, height)
        excess = offered.width * offered.height - width * height
        slow = max(0.0, rate * 0.99 - offered.fps)
        return missing, slow, excess, abs(offered.fps - rate), _conversion_cost(offered.pixel_format)

    return min(formats, key=cost, default=None)


def _conversion_cost(pixel_format: str) -> int:
    for cost, uncompressed in enumerate(FRAME_FORMATS):
        if pixel_format == uncompressed:
            return cost
    return len(FRAME_FORMATS) + (0 if pixel_format == "mjpeg" else 1)
