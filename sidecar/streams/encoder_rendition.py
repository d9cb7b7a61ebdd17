"""A rendition that an encoder thread makes from the camera's frames."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from sidecar.blocking import on_loop
from sidecar.contract.errors import ContractError
from sidecar.contract.types import EncoderStats, EncodingName, FramesDropped
from sidecar.encoding.settings import EncoderSettings
from sidecar.encoding.thread import EncoderThread
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame_slot import FrameSlot, FrameTee
from sidecar.streams.ladder import QualityLadder, Rung
from sidecar.streams.policy import StreamPolicy
from sidecar.streams.rendition import Rendition


class EncoderRendition(Rendition):
    """An encoder thread whose frame rate and size follow the target bitrate (QualityLadder)."""

    def __init__(
        self,
        name: EncodingName,
        frames: FrameTee,
        size: tuple[int, int],
        settings: EncoderSettings,
        fps: float,
        policy: StreamPolicy,
        *,
        on_keyframe: Callable[[Rendition], None],
        on_failed: Callable[[ContractError], None],
    ) -> None:
        """`size` is the camera's, in pixels, `settings.fps` its frame rate; at most `fps` frames a second are encoded.

        `on_failed` is called once on the event loop's thread when the encoder has failed.
        """
        self._frames = frames
        self._slot = FrameSlot()
        self._encoder = EncoderThread(
            self._slot, settings, deliver=on_loop(self._deliver), on_failed=on_loop(on_failed)
        )
        super().__init__(
            name,
            settings.bitrate,
            encode_keyframe=self._encoder.request_keyframe,
            on_keyframe=on_keyframe,
            policy=policy.keyframes,
        )
        self._stop_timeout = policy.stop_timeout
        self._size = size
        self._camera_fps = settings.fps
        self._fps = fps
        self._ladder = QualityLadder(*size, fps)
        self._applied: tuple[float | None, Fraction, tuple[int, int]] | None = None

    def start(self) -> None:
        """Start the encoder thread, paused until `resume`."""
        self._apply(self._ladder.choose(self.bitrate, at_once=True))
        self._encoder.pause()
        self._encoder.start()
        self._frames.add(self._slot)

    def resume(self) -> None:
        """Encode, from a keyframe on."""
        self._encoder.resume()

    def pause(self) -> None:
        """Stop encoding until `resume`."""
        self._encoder.pause()

    def close(self) -> None:
        """Request no more keyframes, take no more frames, and begin to end the thread."""
        super().close()
        self._frames.remove(self._slot)
        self._encoder.close()

    def stop_thread(self) -> bool:
        """Wait until the encoder thread has ended; False when it hangs and is abandoned. For any other thread."""
        return self._encoder.stop(self._stop_timeout)

    def set_bitrate(self, bitrate: int) -> None:
        """Set the target bitrate in bits per second, from the next frame on."""
        collapsed = bitrate < self.bitrate / 2
        self.bitrate = bitrate
        self._encoder.set_bitrate(bitrate)
        self._apply(self._ladder.choose(bitrate, at_once=collapsed))

    def set_camera_format(self, size: tuple[int, int], camera_fps: float, fps: float) -> None:
        """Take on the camera's picture size (pixels) and frame rate, of which at most `fps` a second are encoded."""
        if (size, fps) != (self._size, self._fps):
            self._ladder = QualityLadder(*size, fps)
        self._size, self._camera_fps, self._fps = size, camera_fps, fps
        self._encoder.set_camera_fps(camera_fps)
        self._apply(self._ladder.choose(self.bitrate, at_once=True))

    @property
    def encoder(self) -> str:
        """The name of the encoder, FFmpeg's."""
        return self._encoder.encoder

    def frames_dropped(self) -> FramesDropped:
        """Return a snapshot of the counters of dropped frames."""
        return self._encoder.frames_dropped()

    def stats(self) -> EncoderStats:
        """Return a snapshot of the encoder's counters."""
        return self._encoder.stats()

    def _deliver(self, access_unit: AccessUnit) -> None:
        super()._deliver(access_unit)
        self._apply(self._ladder.choose(self.bitrate))

    def _apply(self, rung: Rung) -> None:
        fps = rung.fps if rung.fps < self._camera_fps else None
        wanted = fps, rung.scale, self._size
        if wanted != self._applied:
            self._applied = wanted
            self._encoder.set_fps(fps)
            self._encoder.set_scale(rung.scale, self._size)
