"""The thread that makes JPEG pictures of a camera, for viewers that cannot decode H.264."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sidecar.contract.errors import ContractError, EncoderFailedError
from sidecar.encoding.frame_rate import FrameRateLimit
from sidecar.media.frame import Frame
from sidecar.media.frame_slot import FrameSlot

logger = logging.getLogger(__name__)

MAX_FPS: Final = 30.0
"""A picture takes ten times the bytes that it has as H.264, and a webview some milliseconds to decode."""

_TAKE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class JpegPicture:
    """One picture as a JPEG file; `captured_at` and `encoded_at` are time.monotonic() in seconds."""

    data: bytes
    captured_at: float
    encoded_at: float


class JpegThread:
    """Takes frames from a slot and delivers them as JPEG, at most MAX_FPS a second, until the slot closes.

    `deliver` is called on this thread, `on_failed` once, on this thread, when a picture could not be made; the thread
    then ends.
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
        """Begin. Call it once."""
        self._thread.start()

    def close(self) -> None:
        """End soon, without waiting for it."""
        self._slot.close()

    def stop(self, timeout: float) -> bool:
        """End the thread; False when it is still busy after `timeout` seconds."""
        self.close()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._slot.closed:
                frame = self._slot.take(_TAKE_SECONDS)
                if frame is not None and self._limit.admits(frame.captured_at):
                    self._encode(frame)
        except ContractError as error:
            self._on_failed(error)
        except Exception:
            logger.exception("the JPEG thread broke")
            self._on_failed(EncoderFailedError("The pictures could not be made."))

    def _encode(self, frame: Frame) -> None:
        from sidecar.encoding.jpeg import encode_jpeg  # OpenCV, which few viewers need

        data = encode_jpeg(frame)
        self._deliver(JpegPicture(data, frame.captured_at, time.monotonic()))
