"""The thread that encodes one camera for all its viewers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from sidecar.contract.errors import ContractError, EncoderFailedError
from sidecar.contract.types import EncoderStats, FramesDropped
from sidecar.encoding.h264 import ENCODERS, EncoderType, choose_encoder
from sidecar.encoding.scales import Scales
from sidecar.encoding.settings import EncoderSettings, clamp_bitrate
from sidecar.encoding.tally import EncoderTally
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame import Frame
from sidecar.media.frame_rate import FrameRateLimit
from sidecar.media.frame_slot import FrameSlot

if TYPE_CHECKING:
    from sidecar.encoding.controlled_encoder import ControlledEncoder

logger = logging.getLogger(__name__)

# The longest wait of a keyframe request for a new frame, in seconds; then the last frame is encoded once more.
_REPEAT_AFTER: Final = 0.04


class _Demand:
    """The viewers' demands on the encoder."""

    def __init__(self, bitrate: int, camera_fps: float) -> None:
        self.bitrate = bitrate
        self.camera_fps = camera_fps
        self.scales = Scales()
        self.limit = FrameRateLimit()
        self.keyframe = True
        self.paused = False


class EncoderThread:
    """Owns an encoder: takes frames from a slot and delivers access units until it is stopped or the slot closes.

    `deliver` is called on this thread for each access unit, `on_failed` once, on this thread, when the encoder failed;
    the thread then ends. Every other method may be called from any thread.
    """

    def __init__(
        self,
        slot: FrameSlot,
        settings: EncoderSettings,
        deliver: Callable[[AccessUnit], None],
        on_failed: Callable[[ContractError], None],
        table: Sequence[EncoderType] = ENCODERS,
    ) -> None:
        """`table` has the encoder that the settings name."""
        self._slot = slot
        self._settings = settings
        self._deliver = deliver
        self._on_failed = on_failed
        self._table = table
        self._thread = threading.Thread(target=self._run, name="encoder", daemon=True)
        self._stopping = False
        self._lock = threading.Lock()  # guards the demand and the tally
        self._demand = _Demand(clamp_bitrate(settings.bitrate), settings.fps)
        self._tally = EncoderTally()
        # Used by the thread alone:
        self._encoder: ControlledEncoder | None = None
        self._last_frame: Frame | None = None
        self._last_keyframe_at = 0.0

    def start(self) -> None:
        """Start the thread. Call it once."""
        self._thread.start()

    def close(self) -> None:
        """Close the slot, which ends the thread, without waiting."""
        self._stopping = True
        self._slot.close()

    def stop(self, timeout: float) -> bool:
        """Close the slot and end the thread; return False when it still runs after `timeout` seconds."""
        self.close()
        if self._thread.ident is None or self._thread is threading.current_thread():
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def request_keyframe(self) -> None:
        """Make the next frame a keyframe; when the camera is slow, the last frame again."""
        with self._lock:
            self._demand.keyframe = True

    def set_bitrate(self, bits_per_second: int) -> None:
        """Aim at this bitrate from the next frame on."""
        with self._lock:
            self._demand.bitrate = clamp_bitrate(bits_per_second)

    def set_fps(self, fps: float | None) -> None:
        """Encode at most `fps` frames per second; None: every frame."""
        with self._lock:
            self._demand.limit = FrameRateLimit(fps)

    def set_scale(self, scale: Fraction, size: tuple[int, int]) -> None:
        """Multiply width and height of the camera's pictures by `scale`, at most 1, from the next frame on.

        `size` is the camera's width and height in pixels. Another scale makes the next frame a keyframe.
        """
        with self._lock:
            self._demand.keyframe = self._demand.keyframe or scale != self._demand.scales.of(size)
            self._demand.scales.set(scale, size)

    def set_camera_fps(self, fps: float) -> None:
        """Expect this frame rate of the camera from the next frame on; another one makes that frame a keyframe."""
        with self._lock:
            self._demand.camera_fps = fps

    def pause(self) -> None:
        """Drop frames while the stream has no viewer."""
        with self._lock:
            self._demand.paused = True

    def resume(self) -> None:
        """Encode again, from a keyframe on."""
        with self._lock:
            self._demand.keyframe = self._demand.keyframe or self._demand.paused
            self._demand.paused = False

    @property
    def encoder(self) -> str:
        """The name of the encoder."""
        return self._settings.encoder

    def stats(self) -> EncoderStats:
        """Return a snapshot of the counters, rates and latencies."""
        with self._lock:
            return self._tally.snapshot(self._demand.bitrate)

    def frames_dropped(self) -> FramesDropped:
        """Return a snapshot of the counters of dropped frames."""
        with self._lock:
            return self._tally.dropped.model_copy(update={"encoder_busy": self._slot.overwritten})

    def _run(self) -> None:
        try:
            while not (self._stopping or self._slot.closed):
                self._step(self._slot.take(_REPEAT_AFTER))
        except ContractError as error:
            self._fail(error)
        except Exception:
            logger.exception("the encoder thread failed")
            self._fail(EncoderFailedError("The encoder failed by an internal error."))
        finally:
            if self._encoder is not None:
                self._encoder.close()
            self._last_frame = None

    def _fail(self, error: ContractError) -> None:
        if not self._stopping:
            self._on_failed(error)

    def _step(self, frame: Frame | None) -> None:
        """Encode one new frame; without one, answer a keyframe request with the last frame."""
        if frame is not None:
            self._last_frame = frame
            if self._encoder is None:  # also while paused, so that the first viewer waits for no import
                self._encoder = self._new_encoder()
        with self._lock:
            keyframe = self._demand.keyframe or self._keyframe_is_due()
            if not self._admits(frame, keyframe):
                return
            self._demand.keyframe = False
            assert self._last_frame is not None  # it is `frame`, or the one that `_admits` lets show again
            size = self._last_frame.width, self._last_frame.height
            bitrate, scale, fps = self._demand.bitrate, self._demand.scales.of(size), self._demand.camera_fps
        if self._encoder is not None:
            self._encoder.follow(bitrate, scale, fps)
            self._encode(self._encoder, frame, keyframe)

    def _new_encoder(self) -> ControlledEncoder:
        from sidecar.encoding.controlled_encoder import ControlledEncoder  # in this thread: no offer waits for it

        return ControlledEncoder(choose_encoder(self._settings.encoder, self._table), self._settings)

    def _admits(self, frame: Frame | None, keyframe: bool) -> bool:
        """Return whether there is a frame to encode. With the lock held."""
        if frame is None:
            return self._demand.keyframe and not self._demand.paused and self._last_frame is not None
        if self._demand.paused:
            self._tally.dropped.no_viewer += 1
            return False
        if not self._demand.limit.admits(frame.captured_at, needed=keyframe):
            self._tally.dropped.rate += 1
            return False
        return True

    def _keyframe_is_due(self) -> bool:
        interval = self._settings.keyframe_interval
        return interval > 0 and time.monotonic() - self._last_keyframe_at >= interval

    def _encode(self, encoder: ControlledEncoder, frame: Frame | None, keyframe: bool) -> None:
        taken_at = time.monotonic()
        shown = frame
        if shown is None:
            # The last frame is shown again with the present time stamp: time stamps rise, and its age is no latency.
            assert self._last_frame is not None
            shown = replace(self._last_frame, captured_at=taken_at)
        access_unit = encoder.encode(shown, keyframe=keyframe)
        if access_unit.keyframe:
            self._last_keyframe_at = access_unit.encoded_at
        with self._lock:
            self._tally.count(access_unit, taken_at=None if frame is None else taken_at)
        self._deliver(access_unit)
