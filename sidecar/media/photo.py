"""A photo: one picture of a camera as a file of its own."""

from __future__ import annotations

from typing import Literal, NamedTuple

PhotoType = Literal["image/jpeg", "image/png"]


class PhotoOptions(NamedTuple):
    """The type of a photo, the quality of a JPEG (0 to 1), and the largest width and height in pixels, None for any."""

    mime_type: PhotoType
    quality: float
    max_width: int | None = None
    max_height: int | None = None

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Return the size of the photo: the largest within the picture and both limits, in its aspect ratio."""
        scale = min(1.0, (self.max_width or width) / width, (self.max_height or height) / height)
        return max(round(width * scale), 1), max(round(height * scale), 1)


class Photo(NamedTuple):
    """A file of `mime_type` in base64; the size is in pixels, `captured_at` time.monotonic() in seconds."""

    mime_type: PhotoType
    base64: str
    width: int
    height: int
    captured_at: float
