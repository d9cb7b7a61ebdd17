"""One picture as a JPEG file, for viewers that cannot decode video."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JpegPicture:
    """A JPEG file; `captured_at` and `encoded_at` are time.monotonic() in seconds."""

    data: bytes
    captured_at: float
    encoded_at: float
