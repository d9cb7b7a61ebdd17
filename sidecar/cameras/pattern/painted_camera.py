"""A camera whose frames the program draws."""

from __future__ import annotations

from sidecar.cameras.camera import GuardedCamera
from sidecar.cameras.device import Format
from sidecar.cameras.pace import Pace


class PaintedCamera(GuardedCamera):
    """The base class of drawn cameras: it numbers frames, and paces them by the monotonic clock."""

    def __init__(self, painted: Format) -> None:
        super().__init__()
        self._format = painted
        self._pace = Pace(self._closing)
        self._number = 0

    @property
    def format(self) -> Format:
        return self._format

    def _next_number(self) -> int:
        number, self._number = self._number, self._number + 1
        return number

    def _release(self) -> None:
        return
