"""Small videos, made with PyAV."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np


def write_video(
    path: Path,
    *,
    size: tuple[int, int] = (64, 48),
    count: int = 6,
    fps: int = 30,
    codec: str = "mpeg4",
    pixel_format: str = "yuv420p",
) -> Path:
    """A video of `count` pictures, each of one grey: 40 for the first, 20 more for each after it."""
    with av.open(str(path), "w") as container:
        stream = cast(av.VideoStream, container.add_stream(codec, rate=fps))
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        for number in range(count):
            grey = np.full((size[1], size[0]), 40 + 20 * number, np.uint8)
            picture = av.VideoFrame.from_ndarray(grey, format="gray").reformat(format=pixel_format)
            picture.pts, picture.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path
