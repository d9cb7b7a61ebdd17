"""The decision how a camera takes on another format. Pure calculation."""

from __future__ import annotations

from typing import Final

from sidecar.cameras.device import Format, RequestedFormat
from sidecar.cameras.geometry import shown_size
from sidecar.contract.errors import FormatNotSupportedError

_TOLERANCE: Final = 0.01
"""Frame rates that differ by less count as equal: drivers name 29.97 frames per second 30, and the reverse."""


def check_fixed(name: str, in_force: Format, wanted: RequestedFormat) -> None:
    """Raise FormatNotSupportedError unless `wanted` is the format of a camera that has only this one."""
    is_same_size = wanted.width in (None, in_force.width) and wanted.height in (None, in_force.height)
    if not is_same_size or (wanted.fps is not None and not _is_equal(wanted.fps, in_force.fps)):
        raise FormatNotSupportedError(
            f"{name} has one format: {in_force.width}x{in_force.height} at {in_force.fps:g} frames per second.",
            details={"width": in_force.width, "height": in_force.height, "fps": in_force.fps},
        )


def needs_reopening(opened: Format, nearest: Format | None, requested: RequestedFormat) -> bool:
    """Return whether only a camera that is opened again can deliver `requested`.

    `opened` is the format that the camera was opened with, `nearest` the one that it would be opened with now, None
    when only the opening shows it. A lower frame rate needs no opening: frames are left out.
    """
    size, fps = requested.size(), requested.fps or opened.fps
    if nearest is not None:
        size, fps = shown_size(nearest.width, nearest.height, nearest.fps), min(fps, nearest.fps)
    return size != (opened.width, opened.height) or fps > opened.fps * (1 + _TOLERANCE)


def limited_fps(opened: Format, limit: float | None) -> float | None:
    """Return the frame rate to which the camera's frames are limited; None: every frame."""
    return limit if limit is not None and limit < opened.fps * (1 - _TOLERANCE) else None


def _is_equal(fps: float, other: float) -> bool:
    return abs(fps - other) <= _TOLERANCE * max(fps, other)
