"""The test pattern as a camera. painter.py describes its content."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sidecar.cameras.device import Format, RequestedFormat
from sidecar.cameras.geometry import shown_size
from sidecar.cameras.pattern.formats import FASTEST, LARGEST, SLOWEST, SMALLEST
from sidecar.cameras.pattern.painted_camera import PaintedCamera
from sidecar.media.frame import Frame

if TYPE_CHECKING:
    from sidecar.cameras.pattern.painter import Painter


def nearest_pattern_format(requested: RequestedFormat) -> Format:
    """Return the format of the test pattern nearest to `requested`, with even sides."""
    (width, height), fps = requested.size(), min(max(requested.rate(), SLOWEST), FASTEST)
    width = min(max(width, SMALLEST[0]), LARGEST[0])
    height = min(max(height, SMALLEST[1]), LARGEST[1])
    return Format(*shown_size(width, height, fps), fps, "yuv420p")


class TestPattern(PaintedCamera):
    """The test pattern as a camera, paced by the monotonic clock."""

    __test__ = False  # the name is the contract's; it is no test case

    def __init__(self, requested: RequestedFormat) -> None:
        super().__init__(nearest_pattern_format(requested))
        self._painter: Painter | None = None

    def _next_frame(self) -> Frame:
        painter = self._painter = self._painter or self._make_painter()
        self._pace.wait(1 / self._format.fps)
        captured_at, wall = time.monotonic(), time.time()
        number = self._next_number()
        planes = painter.paint(number, wall)
        return Frame(planes, "yuv420p", self._format.width, self._format.height, number, captured_at)

    def _make_painter(self) -> Painter:
        # Imported in the capture thread, so that an offer does not wait for OpenCV and for the background's grain.
        from sidecar.cameras.pattern.painter import Painter

        return Painter(self._format)
