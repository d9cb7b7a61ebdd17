"""The scales of a camera's pictures, by their sizes."""

from __future__ import annotations

from fractions import Fraction

Size = tuple[int, int]


class Scales:
    """The scale for the camera's present size and for the one before.

    Pictures of the size before may still arrive when the camera has changed its format; they keep their scale, so that
    no picture is encoded at a size that belongs to neither format.
    """

    def __init__(self) -> None:
        self._newest: tuple[Size | None, Fraction] = (None, Fraction(1))
        self._before: tuple[Size | None, Fraction] = (None, Fraction(1))

    def set(self, scale: Fraction, size: Size | None) -> None:
        """Set the scale of the pictures of this size (width and height in pixels), the camera's from now on."""
        if size != self._newest[0]:
            self._before = self._newest
        self._newest = (size, scale)

    def of(self, size: Size) -> Fraction:
        """Return the scale for a picture of this size; that of the camera's size for an unknown one."""
        return self._before[1] if size == self._before[0] else self._newest[1]
