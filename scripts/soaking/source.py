"""A small video file that can be taken away and brought back."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT, FPS, PICTURES = 160, 90, 15, 15


class VideoFile:
    """One second of grey pictures, which the sidecar plays over and over; `device_id` is its name as a camera."""

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
        """Be gone; the sidecar notices when it begins the file anew."""
        with suppress(PermissionError, FileNotFoundError):  # Windows keeps a file that is read; or it is away already
            self._path.rename(self._away)

    def come_back(self) -> None:
        """Be there again."""
        with suppress(FileNotFoundError):
            self._away.rename(self._path)
