"""The thread that encodes one camera for all its viewers."""

from __future__ import annotations

import importlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from sidecar.contract.errors import ContractError, EncoderFailedError
from sidecar.encoding.frame_rate import FrameRateLimit
from sidecar.encoding.settings import EncoderSettings, clamp_bitrate
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame import Frame
from sidecar.media.frame_slot import FrameSlot
from sidecar.media.meters import Percentiles, RateMeter

if TYPE_CHECKING:
    from sidecar.encoding.h264.x264 import H264Encoder

logger = logging.getLogger(__name__)

# How long a viewer who needs a keyframe waits for the camera before the last picture is encoded once more.
_REPEAT_AFTER: Final = 0.04


@dataclass(frozen=True, slots=True)
class EncoderStats:
    """A snapshot. Rates are over the last second, bitrates in bits per second, latencies in milliseconds.

    `width` and `height` are 0 before the first picture. `dropped_rate` counts frames left out to hold a frame rate,
    `dropped_no_viewer` those that came while nobody watched. `capture_to_encoder` ends, and `encoding`
    begins, when the encoder takes the picture.
    """

    frames_encoded: int
    bytes_encoded: int
    keyframes_encoded: int
    dropped_rate: int
    dropped_no_viewer: int
    fps: float
    bitrate: int
    target_bitrate: int
    encoder: str
    width: int
    height: int
    capture_to_encoder_p50: float | None
    capture_to_encoder_p95: float | None
    encoding_p50: float | None
    encoding_p95: float | None
    capture_to_encoded_p50: float | None
    capture_to_encoded_p95: float | None


class EncoderThread:
    """Owns an encoder: takes frames from a slot and delivers access units until it is stopped or the slot closes.

    `deliver` is called on this thread for each access unit, `on_failed` once, on this thread, when the encoder broke;
    the thread then ends. Everything else may be called from any thread.
    """

    def __init__(
        self,
        slot: FrameSlot,
        settings: EncoderSettings,
        deliver: Callable[[AccessUnit], None],
        on_failed: Callable[[ContractError], None],
    ) -> None:
        self._slot = slot
        self._settings = settings
        self._deliver = deliver
        self._on_failed = on_failed
        self._thread = threading.Thread(target=self._run, name="encoder", daemon=True)
        self._stopping = False
        self._lock = threading.Lock()  # over everything below
        self._paused = False
        self._keyframe_requested = True
        self._bitrate = clamp_bitrate(settings.bitrate)
        self._limit = FrameRateLimit()
        self._scale = Fraction(1)
        self._tally = _Tally()
        # Used by the thread alone:
        self._encoder: H264Encoder | None = None
        self._last_frame: Frame | None = None
        self._last_keyframe_at = 0.0

    def start(self) -> None:
        """Begin to encode. Call it once."""
        self._thread.start()

    def close(self) -> None:
        """End soon, without waiting for it."""
        self._stopping = True
        self._slot.close()

    def stop(self, timeout: float) -> bool:
        """Close the slot and end the thread; False when it is still busy after `timeout` seconds."""
        self.close()
        if self._thread.ident is None or self._thread is threading.current_thread():
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def request_keyframe(self) -> None:
        """Make the next frame a keyframe; where the camera is slow, the last one again."""
        with self._lock:
            self._keyframe_requested = True

    def set_bitrate(self, bits_per_second: int) -> None:
        """Aim at this bitrate from the next frame on."""
        with self._lock:
            self._bitrate = clamp_bitrate(bits_per_second)

    def set_fps(self, fps: float | None) -> None:
        """Encode at most so many frames per second; None: all of them."""
        with self._lock:
            self._limit = FrameRateLimit(fps)

    def set_scale(self, scale: Fraction) -> None:
        """Encode the width and height of the camera times this (at most 1), from a keyframe on, which is the next."""
        with self._lock:
            self._keyframe_requested = self._keyframe_requested or scale != self._scale
            self._scale = scale

    def pause(self) -> None:
        """Nobody watches: take frames, encode none."""
        with self._lock:
            self._paused = True

    def resume(self) -> None:
        """Somebody watches again: go on with a keyframe."""
        with self._lock:
            self._keyframe_requested = self._keyframe_requested or self._paused
            self._paused = False

    def stats(self) -> EncoderStats:
        """What was done so far, and how fast."""
        with self._lock:
            return self._tally.snapshot(self._settings.encoder, self._bitrate)

    def _run(self) -> None:
        try:
            while not (self._stopping or self._slot.closed):
                self._step(self._slot.take(_REPEAT_AFTER))
        except ContractError as error:
            self._fail(error)
        except Exception:
            logger.exception("the encoder thread broke")
            self._fail(EncoderFailedError("The encoder broke."))
        finally:
            if self._encoder is not None:
                self._encoder.close()
            self._last_frame = None

    def _fail(self, error: ContractError) -> None:
        if not self._stopping:
            self._on_failed(error)

    def _step(self, frame: Frame | None) -> None:
        """One new frame, or None when none came in time."""
        if frame is not None:
            if self._last_frame is None:
                importlib.import_module("sidecar.encoding.h264.x264")  # before anybody looks
            self._last_frame = frame
        with self._lock:
            keyframe = self._keyframe_requested or self._keyframe_is_due()
            if not self._admits(frame, keyframe):
                return
            bitrate, scale, self._keyframe_requested = self._bitrate, self._scale, False
        if frame is not None:
            self._encode(frame, keyframe, bitrate, scale, repeated=False)
        elif self._last_frame is not None:
            # Shown again now: the receiver's clock goes on, and late is not what this picture is.
            again = replace(self._last_frame, captured_at=time.monotonic())
            self._encode(again, keyframe, bitrate, scale, repeated=True)

    def _admits(self, frame: Frame | None, keyframe: bool) -> bool:
        """Whether there is something to encode. With the lock held."""
        if frame is None:
            return self._keyframe_requested and not self._paused and self._last_frame is not None
        if self._paused:
            self._tally.dropped_no_viewer += 1
            return False
        if not self._limit.admits(frame.captured_at, needed=keyframe):
            self._tally.dropped_rate += 1
            return False
        return True

    def _keyframe_is_due(self) -> bool:
        interval = self._settings.keyframe_interval
        return interval > 0 and time.monotonic() - self._last_keyframe_at >= interval

    def _encode(self, frame: Frame, keyframe: bool, bitrate: int, scale: Fraction, *, repeated: bool) -> None:
        taken_at = time.monotonic()
        if self._encoder is None:
            self._encoder = self._new_encoder(frame)
        self._encoder.bitrate, self._encoder.scale = bitrate, scale
        access_unit = self._encoder.encode(frame, keyframe=keyframe)
        if access_unit.keyframe:
            self._last_keyframe_at = access_unit.encoded_at
        with self._lock:
            self._tally.count(access_unit, taken_at=None if repeated else taken_at)
        self._deliver(access_unit)

    def _new_encoder(self, frame: Frame) -> H264Encoder:
        # Here, in the thread that encodes: no offer waits for PyAV and numpy.
        from sidecar.encoding.h264.x264 import H264Encoder
        from sidecar.encoding.yuv420p import encoded_colour

        return H264Encoder(frame.width, frame.height, self._settings.fps, self._settings, encoded_colour(frame))


class _Tally:
    """The counters behind EncoderStats."""

    def __init__(self) -> None:
        self.dropped_rate = 0
        self.dropped_no_viewer = 0
        self._frames = 0
        self._bytes = 0
        self._keyframes = 0
        self._size = (0, 0)
        self._frame_rate = RateMeter()
        self._byte_rate = RateMeter()
        self._before = Percentiles()
        self._encoding = Percentiles()
        self._latency = Percentiles()

    def count(self, access_unit: AccessUnit, *, taken_at: float | None) -> None:
        """Take in an access unit, and its latency unless `taken_at`, when its encoding began, is None."""
        size = access_unit.size
        self._frames += 1
        self._bytes += size
        self._keyframes += access_unit.keyframe
        self._size = (access_unit.width, access_unit.height)
        self._frame_rate.add()
        self._byte_rate.add(size)
        if taken_at is not None:
            self._before.add(1000 * (taken_at - access_unit.captured_at))
            self._encoding.add(1000 * (access_unit.encoded_at - taken_at))
            self._latency.add(1000 * (access_unit.encoded_at - access_unit.captured_at))

    def snapshot(self, encoder: str, target_bitrate: int) -> EncoderStats:
        """The figures of now."""
        return EncoderStats(
            frames_encoded=self._frames,
            bytes_encoded=self._bytes,
            keyframes_encoded=self._keyframes,
            dropped_rate=self.dropped_rate,
            dropped_no_viewer=self.dropped_no_viewer,
            fps=self._frame_rate.rate(),
            bitrate=round(8 * self._byte_rate.rate()),
            target_bitrate=target_bitrate,
            encoder=encoder,
            width=self._size[0],
            height=self._size[1],
            capture_to_encoder_p50=self._before.percentile(50),
            capture_to_encoder_p95=self._before.percentile(95),
            encoding_p50=self._encoding.percentile(50),
            encoding_p95=self._encoding.percentile(95),
            capture_to_encoded_p50=self._latency.percentile(50),
            capture_to_encoded_p95=self._latency.percentile(95),
        )
