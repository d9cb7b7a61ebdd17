"""The format that clients want of one camera, for each of its openings."""

from __future__ import annotations

from typing import NamedTuple

from sidecar.cameras.device import Format, RequestedFormat


class WantedFormat(NamedTuple):
    """`opening` is the format to open the camera with. `rate` is the requested frame rate, if any; `limit` the frame
    rate, if any, that the camera's frames are limited to. `asked` is the format, if known, that the camera was opened
    for when it chose `opening`."""

    opening: RequestedFormat
    rate: float | None
    limit: float | None = None
    asked: RequestedFormat | None = None

    @classmethod
    def of(
        cls, opened: Format, rate: float | None, limit: float | None = None, asked: RequestedFormat | None = None
    ) -> WantedFormat:
        """Return the wish for the format that a camera was opened with."""
        return cls(RequestedFormat(opened.width, opened.height, opened.fps), rate, limit, asked)

    def changed(self, wanted: RequestedFormat) -> WantedFormat:
        """Return this wish after a further request; what the request leaves open stays as it is."""
        rate = wanted.fps or self.rate
        size = (self.opening if wanted.width is None and wanted.height is None else wanted).size()
        return WantedFormat(RequestedFormat(*size, rate), rate, wanted.fps or self.limit)
