"""A small video file that can be removed and restored."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT, FPS, PICTURES = 160, 90, 15, 15


class VideoFile:
    """One second of grey pictures, which the sidecar plays in a loop as the camera `device_id`."""

    def __init__(self, folder: str) -> None:
        place = Path(folder).resolve()
        self._path = place / "video.mp4"
        self._away = place / "taken away"
        self.device_id = f"file:{self._path}"
        self.pattern = f"file:{place}/*"
        with av.open(str(self._path), "w") as container:
            stream = container.add_stream("mpeg4", rate=FPS)
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            for number in range(PICTURES):
                grey = np.full((HEIGHT, WIDTH), 10 * number, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, "gray").reformat(format="yuv420p")))
            container.mux(stream.encode(None))

    def vanish(self) -> None:
        """Move the file away; the sidecar notices at the next turn of its loop."""
        with suppress(PermissionError, FileNotFoundError):  # open on Windows, or moved away already
            self._path.rename(self._away)

    def come_back(self) -> None:
        """Move the file back."""
        with suppress(FileNotFoundError):
            self._away.rename(self._path)
