"""Photos of one camera: its frames, before they are encoded for the viewers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from sidecar.blocking import in_thread, on_loop
from sidecar.contract.errors import ContractError, EncoderFailedError
from sidecar.media.frame import Frame
from sidecar.media.frame_slot import FrameTee
from sidecar.media.photo import Photo, PhotoOptions

ENCODING_TIMEOUT: Final = 10.0
"""Seconds: a PNG of the largest picture takes half a second on a fast machine."""


class Photos:
    """Takes photos of one camera, one after the other. Every method is called on the event loop's thread."""

    def __init__(self, frames: FrameTee, check: Callable[[], None]) -> None:
        """`check` raises the reason why the frames are not the camera's, or why there are none."""
        self._frames = frames
        self._check = check
        self._turn = asyncio.Lock()
        self._awaited: _NextFrame | None = None

    async def take(self, options: PhotoOptions) -> Photo:
        """Return a photo of the first frame that is captured after this call.

        The call waits for the frame until `refuse_all`. Raises its error or that of `check`, EncoderFailedError or
        LimitExceededError.
        """
        async with self._turn:
            self._check()
            frame = await self._next_frame()
            return await _encoded(frame, options)

    def refuse_all(self, error: ContractError) -> None:
        """Raise this error in the photo that waits for a frame, if there is one."""
        if self._awaited is not None:
            self._awaited.fail(error)

    async def _next_frame(self) -> Frame:
        self._awaited = awaited = _NextFrame()
        self._frames.add(awaited)
        try:
            return await awaited.frame
        finally:
            self._frames.remove(awaited)
            self._awaited = None


class _NextFrame:
    """A sink that keeps the first frame that is captured after its creation."""

    def __init__(self) -> None:
        self.frame: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._asked_at = time.monotonic()
        self._hand_over = on_loop(self._take)

    def put(self, frame: Frame) -> None:
        if frame.captured_at >= self._asked_at:
            self._hand_over(frame)

    def fail(self, error: ContractError) -> None:
        if not self.frame.done():
            self.frame.set_exception(error)

    def _take(self, frame: Frame) -> None:
        if not self.frame.done():
            self.frame.set_result(frame)


async def _encoded(frame: Frame, options: PhotoOptions) -> Photo:
    from sidecar.encoding.photo import encode_photo  # OpenCV

    try:
        return await in_thread(partial(encode_photo, frame, options), ENCODING_TIMEOUT)
    except TimeoutError:
        raise EncoderFailedError(f"The photo was not encoded within {ENCODING_TIMEOUT:g} s.") from None
