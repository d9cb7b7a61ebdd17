"""The thread that encodes a camera's frames as JPEG, for viewers that cannot decode video."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from sidecar.contract.errors import ContractError, EncoderFailedError
from sidecar.media.frame import Frame
from sidecar.media.frame_rate import FrameRateLimit
from sidecar.media.frame_slot import FrameSlot
from sidecar.media.jpeg_picture import JpegPicture

logger = logging.getLogger(__name__)

MAX_FPS: Final = 30.0
"""The highest rate of pictures: as JPEG a picture is ten times as large as in H.264, and a webview decodes it for some
milliseconds."""

_TAKE_SECONDS: Final = 1.0
"""The longest wait for a frame; a slot that closes ends it."""


class JpegThread:
    """Delivers the frames of a slot as JPEG, at most MAX_FPS a second, until the slot closes.

    `deliver` is called on this thread for each picture, `on_failed` once, on this thread, when encoding failed; the
    thread then ends.
    """

    def __init__(
        self,
        slot: FrameSlot,
        deliver: Callable[[JpegPicture], None],
        on_failed: Callable[[ContractError], None],
    ) -> None:
        self._slot = slot
        self._deliver = deliver
        self._on_failed = on_failed
        self._limit = FrameRateLimit(MAX_FPS)
        self._thread = threading.Thread(target=self._run, name="jpeg", daemon=True)

    def start(self) -> None:
        """Start the thread. Call it once."""
        self._thread.start()

    def close(self) -> None:
        """Close the slot, which ends the thread, without waiting."""
        self._slot.close()

    def _run(self) -> None:
        try:
            while not self._slot.closed:
                frame = self._slot.take(_TAKE_SECONDS)
                if frame is not None and self._limit.admits(frame.captured_at):
                    self._encode(frame)
        except ContractError as error:
            self._on_failed(error)
        except Exception:
            logger.exception("the JPEG thread failed")
            self._on_failed(EncoderFailedError("The pictures could not be encoded as JPEG."))

    def _encode(self, frame: Frame) -> None:
        from sidecar.encoding.jpeg_encoder import encode_jpeg  # OpenCV, which few viewers need

        data = encode_jpeg(frame)
        self._deliver(JpegPicture(data, frame.captured_at, time.monotonic()))
