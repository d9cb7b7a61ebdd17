"""One rendition of a stream: an encoder and the subscriptions that it serves."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from sidecar.blocking import on_loop
from sidecar.contract.errors import ContractError
from sidecar.contract.types import EncoderStats, EncodingName, FramesDropped
from sidecar.encoding.settings import EncoderSettings
from sidecar.encoding.thread import EncoderThread
from sidecar.limits import STOP_TIMEOUT
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame_slot import FrameSlot, FrameTee
from sidecar.streams.keyframes import KeyframeLimiter
from sidecar.streams.ladder import QualityLadder, Rung
from sidecar.streams.subscription import StreamSubscription


class Rendition:
    """An encoder thread, its frame rate and size, its keyframe limiter, and its subscriptions.

    `size` is the camera's, in pixels, `settings.fps` its frame rate, and `fps` the highest rate that is wanted. Every
    method but stop_thread is called on the event loop's thread. `on_keyframe` is called there with this rendition at
    each keyframe, before the sinks get the keyframe; `on_failed` once when the encoder broke.
    """

    def __init__(
        self,
        name: EncodingName,
        frames: FrameTee,
        size: tuple[int, int],
        settings: EncoderSettings,
        fps: float,
        *,
        on_keyframe: Callable[[Rendition], None],
        on_failed: Callable[[ContractError], None],
    ) -> None:
        self.name: EncodingName = name
        self.subscriptions: list[StreamSubscription] = []
        self.bitrate = settings.bitrate
        self._frames = frames
        self._size = size
        self._camera_fps = settings.fps
        self._fps = fps
        self._on_keyframe = on_keyframe
        self._ladder = QualityLadder(*size, fps)
        self._taken: tuple[float | None, Fraction] = (None, Fraction(1))
        self._slot = FrameSlot()
        self._encoder = EncoderThread(
            self._slot, settings, deliver=on_loop(self._deliver), on_failed=on_loop(on_failed)
        )
        self.keyframes = KeyframeLimiter(self._encoder.request_keyframe)

    def start(self) -> None:
        """Start the encoder thread, paused: it encodes nothing before `resume`."""
        self._take(self._ladder.choose(self.bitrate, at_once=True))
        self._encoder.pause()
        self._encoder.start()
        self._frames.add(self._slot)

    def resume(self) -> None:
        """Encode, from a keyframe on."""
        self._encoder.resume()

    def pause(self) -> None:
        """Encode nothing until `resume`."""
        self._encoder.pause()

    def close(self) -> None:
        """Deliver nothing any more, and begin to end the thread."""
        self.keyframes.close()
        self._frames.remove(self._slot)
        self._encoder.close()

    def stop_thread(self) -> bool:
        """Wait until the encoder thread has ended; False when it hangs and is left behind. Called on another thread."""
        return self._encoder.stop(STOP_TIMEOUT)

    def add(self, subscription: StreamSubscription) -> None:
        """Deliver to this subscription, too."""
        self.subscriptions.append(subscription)
        tell_target(subscription, self.bitrate)

    def remove(self, subscription: StreamSubscription) -> None:
        """Deliver to this subscription no more."""
        self.subscriptions.remove(subscription)

    def aim(self, bitrate: int) -> None:
        """Set the target bitrate in bits per second, from the next frame on."""
        collapsed = bitrate < self.bitrate / 2
        self.bitrate = bitrate
        self._encoder.set_bitrate(bitrate)
        for subscription in self.subscriptions:
            tell_target(subscription, bitrate)
        self._take(self._ladder.choose(bitrate, at_once=collapsed))

    def source_is(self, size: tuple[int, int], camera_fps: float, fps: float) -> None:
        """Take on the camera's picture size (pixels) and frame rate, of which at most `fps` a second are encoded."""
        if (size, fps) != (self._size, self._fps):
            self._ladder = QualityLadder(*size, fps)
        self._size, self._camera_fps, self._fps = size, camera_fps, fps
        self._take(self._ladder.choose(self.bitrate, at_once=True))

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

    def _take(self, rung: Rung) -> None:
        fps = rung.fps if rung.fps < self._camera_fps else None
        if (fps, rung.scale) != self._taken:
            self._taken = fps, rung.scale
            self._encoder.set_fps(fps)
            self._encoder.set_scale(rung.scale)

    def _deliver(self, access_unit: AccessUnit) -> None:
        if access_unit.keyframe:
            self.keyframes.keyframe_encoded()
            self._on_keyframe(self)
        for subscription in tuple(self.subscriptions):
            subscription.sink.push(access_unit)
        self._take(self._ladder.choose(self.bitrate))


def tell_target(subscription: StreamSubscription, bitrate: int) -> None:
    """Set the sink's `target_bitrate`, if it has one, until access units carry the figure themselves."""
    if hasattr(subscription.sink, "target_bitrate"):
        subscription.sink.target_bitrate = bitrate
