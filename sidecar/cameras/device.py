"""Cameras as they are listed, and the choice of a format."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sidecar.contract.types import CameraKind
from sidecar.media.pixel_formats import FRAME_FORMATS

if TYPE_CHECKING:
    from sidecar.cameras.sources.allowed import Source

DEFAULT_WIDTH, DEFAULT_HEIGHT, DEFAULT_FPS = 1280, 720, 30.0
"""What a viewer gets who asks for nothing: the size most webcams and screens share."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format that a camera offers, or the one in force: pixels, frames per second, FFmpeg's pixel format name."""

    width: int
    height: int
    fps: float
    pixel_format: str


@dataclass(frozen=True, slots=True)
class RequestedFormat:
    """What a viewer would like; None leaves the choice to the camera."""

    width: int | None = None
    height: int | None = None
    fps: float | None = None

    def size(self) -> tuple[int, int]:
        """The size in pixels, made complete: one side alone asks for 16:9."""
        if self.width is None and self.height is None:
            return DEFAULT_WIDTH, DEFAULT_HEIGHT
        if self.height is None:
            return self.width or DEFAULT_WIDTH, round((self.width or DEFAULT_WIDTH) * 9 / 16)
        return self.width or round(self.height * 16 / 9), self.height

    def rate(self) -> float:
        """Frames per second, made complete."""
        return self.fps or DEFAULT_FPS


@dataclass(frozen=True, slots=True)
class Device:
    """A camera as it is listed.

    `address` is what a backend opens ("/dev/video0") and `index` its place in the system's own list; both may change
    from one listing to the next, `device_id` does not. `aliases` are other ids that mean this device. A file or a
    network camera is opened by its `source` instead; a file has one only when its id was resolved.
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
        """The same for every spelling of one camera, so that it is opened once."""
        return self.device_id if self.source is None else self.source.key


def nearest_format(formats: Sequence[Format], requested: RequestedFormat) -> Format | None:
    """The best of `formats` for `requested`; None when there is none to choose from.

    A picture that covers the size asked for at the rate asked for wins, with the least excess; then the size counts
    before the rate. At equal figures uncompressed pictures come before MJPEG, and both before what must be converted.
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
