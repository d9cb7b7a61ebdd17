"""The capture thread of an open camera."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sidecar.cameras.camera import Camera
from sidecar.contract.errors import CameraFailedError, ContractError
from sidecar.media.frame import Colour, Frame
from sidecar.media.frame_rate import FrameRateLimit
from sidecar.media.frame_slot import FrameSink

logger = logging.getLogger(__name__)


class CaptureThread:
    """Owns an open camera: puts its frames into a sink until the thread is stopped or the camera is lost.

    All callbacks run on this thread. `on_first_frame` is called once, after the first frame. `on_size` is called before
    each frame whose (width, height) differs from the frame before, or from the camera's format. `on_lost` is called
    once, after the device was released, and never after `stop`. The thread is a daemon, because a driver can block it
    until the process ends. With `fps` frames are left out, evenly, so that at most so many a second reach the sink.
    """

    def __init__(
        self,
        camera: Camera,
        sink: FrameSink,
        on_lost: Callable[[ContractError], None],
        on_first_frame: Callable[[], None] | None = None,
        on_size: Callable[[tuple[int, int]], None] | None = None,
        fps: float | None = None,
    ) -> None:
        self._camera = camera
        self._sink = sink
        self._on_lost = on_lost
        self._on_first_frame = on_first_frame
        self._on_size = on_size
        self._size = (camera.format.width, camera.format.height)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="camera-capture", daemon=True)
        self._limit = FrameRateLimit(fps)
        self._frames_captured = 0
        self._frames_left_out = 0
        self._colour = Colour()

    @property
    def frames_captured(self) -> int:
        """The number of frames read so far."""
        return self._frames_captured

    @property
    def frames_left_out(self) -> int:
        """The number of these frames that were left out to hold the frame rate."""
        return self._frames_left_out

    @property
    def colour(self) -> Colour:
        """The colour of the newest frame."""
        return self._colour

    @property
    def is_alive(self) -> bool:
        """Whether the thread was started and has not ended."""
        return self._thread.is_alive()

    @property
    def is_calculating(self) -> bool:
        """Whether the thread is decoding or converting a frame now; a stopped thread ends after that frame."""
        return self._camera.is_calculating

    def start(self) -> None:
        """Start to read frames. Call it once."""
        self._thread.start()

    def limit_fps(self, fps: float | None) -> None:
        """Pass on at most `fps` frames per second from the next frame on; None: every frame. For any thread."""
        self._limit = FrameRateLimit(fps)

    def stop(self, timeout: float) -> bool:
        """Release the camera and end the thread; return whether the thread has ended within `timeout` seconds.

        A thread that hangs in the driver is abandoned; it releases the camera if the driver ever returns. For a thread
        that is calculating the method returns False at once: the thread releases the camera and ends after its frame.
        Callable from any thread, and more than once.
        """
        self._stopping.set()
        self._camera.close()
        if self._thread.ident is None or self._thread is threading.current_thread():
            return True
        self._thread.join(0 if self.is_calculating else timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        error = self._read_until_the_end()
        self._camera.close()
        if error is not None and not self._stopping.is_set():
            self._on_lost(error)

    def _read_until_the_end(self) -> ContractError | None:
        while not self._stopping.is_set():
            try:
                frame = self._camera.read()
            except ContractError as error:
                return error
            except Exception:
                logger.exception("the camera's backend raised an unexpected error")
                return CameraFailedError("The camera stopped: its driver gave an unknown error.")
            if self._stopping.is_set():  # the frames of another camera may go into this sink by now
                break
            self._show(frame)
        return None

    def _show(self, frame: Frame) -> None:
        self._frames_captured += 1
        self._colour = frame.colour
        size = frame.width, frame.height
        if size != self._size:
            self._size = size
            if self._on_size is not None:
                self._on_size(size)
        if self._limit.admits(frame.captured_at):
            self._sink.put(frame)
        else:
            self._frames_left_out += 1
        if self._frames_captured == 1 and self._on_first_frame is not None:
            self._on_first_frame()
