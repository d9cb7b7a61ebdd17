"""The renditions of one stream, and the assignment of its subscriptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from sidecar.cameras.device import Format
from sidecar.contract.errors import ContractError
from sidecar.contract.types import EncodingName, EncodingOptions
from sidecar.encoding.h264 import choose_encoder
from sidecar.encoding.settings import EncoderSettings
from sidecar.media.frame_slot import FrameTee
from sidecar.media.subscription import Sink
from sidecar.streams.bitrate import BitrateTarget, default_bitrate
from sidecar.streams.encoder_rendition import EncoderRendition
from sidecar.streams.policy import StreamPolicy
from sidecar.streams.rendition import Rendition
from sidecar.streams.subscription import StreamSubscription

OpenRendition = Callable[..., Rendition]


class Renditions:
    """The encodings of one camera.

    `full` serves every subscription while their links have similar capacities. A subscription whose link has far less
    capacity than the best one moves to `reduced`, so that it does not lower the quality for the others; `reduced`
    exists only while it has subscriptions. A subscription moves with a keyframe of the other rendition. Every method
    but stop_threads is called on the event loop's thread, and so is `on_failed`.
    """

    def __init__(
        self,
        frames: FrameTee,
        picture: Format,
        options: EncodingOptions,
        policy: StreamPolicy,
        on_failed: Callable[[ContractError], None],
        open_rendition: OpenRendition = EncoderRendition,
    ) -> None:
        """`picture` is the camera's format; `open_rendition` is called with the arguments of EncoderRendition."""
        self.bitrate = BitrateTarget.choose(
            options.bitrate, options.max_bitrate, default_bitrate(picture.width, picture.height, picture.fps)
        )
        self._frames = frames
        self._picture = picture
        self._wanted_fps: float | None = None
        self._policy = policy
        self._on_failed = on_failed
        self._open_rendition = open_rendition
        self._subscriptions: list[StreamSubscription] = []
        self._settings = EncoderSettings(
            fps=picture.fps,
            bitrate=self.bitrate.wanted,
            encoder=choose_encoder(options.encoder).name,
            keyframe_interval=options.keyframe_interval or 0.0,
        )
        self.full = self._new_rendition("full", self.bitrate.wanted)
        self.reduced: Rendition | None = None

    def start(self) -> None:
        """Start the full rendition, paused until the first subscription."""
        self.full.start()

    def close(self) -> None:
        """Close every subscription, and begin to end the encoder threads."""
        for subscription in self._subscriptions:
            subscription.move_to(None)
        self._subscriptions.clear()
        for rendition in self._renditions():
            rendition.close()

    def stop_threads(self) -> bool:
        """Wait until the encoder threads have ended; False when one hangs and is abandoned. For another thread."""
        stopped = [rendition.stop_thread() for rendition in self._renditions()]
        return all(stopped)

    # -- subscriptions ------------------------------------------------------------------------------------------------

    @property
    def subscription_count(self) -> int:
        """The number of subscriptions."""
        return len(self._subscriptions)

    def subscribe(self, sink: Sink) -> StreamSubscription:
        """Return a subscription that pushes every access unit to `sink`, a keyframe soon among them."""
        is_first = not self._subscriptions
        subscription = StreamSubscription(sink, on_capacity=self._arrange, on_close=self._close)
        self._subscriptions.append(subscription)
        subscription.move_to(self.full)
        if is_first:
            self.full.resume()
        else:
            self.full.keyframes.request()
        return subscription

    def request_keyframe(self) -> None:
        """Ask for a keyframe of each rendition, on behalf of the client."""
        for rendition in self._renditions():
            rendition.keyframes.request(rendition.client)

    def _close(self, subscription: StreamSubscription) -> None:
        subscription.move_to(None)
        self._subscriptions.remove(subscription)
        self._arrange()
        if not self._subscriptions:
            self.full.pause()

    # -- bitrate and frame rate ---------------------------------------------------------------------------------------

    def change(self, bitrate: int | None, max_bitrate: int | None, fps: float | None) -> None:
        """Change the wanted bitrates (bits per second) and frame rate; None keeps the present value."""
        self.bitrate.change(bitrate, max_bitrate)
        if bitrate is not None:
            for subscription in self._subscriptions:
                subscription.capacity = None  # estimates made at the old bitrate do not limit the new one
        self._arrange()
        if fps is not None:
            self._wanted_fps = fps
            self.set_camera_format(self._picture)

    def set_camera_format(self, picture: Format) -> None:
        """Take on a new picture size and frame rate: a lost camera may return with others."""
        self._picture = picture
        self.bitrate.follow_default(default_bitrate(picture.width, picture.height, picture.fps))
        for rendition in self._renditions():
            rendition.set_camera_format(self._size, picture.fps, self.fps)
        self._arrange()

    @property
    def fps(self) -> float:
        """The highest frame rate that is encoded, in frames per second."""
        return min(self._wanted_fps or self._picture.fps, self._picture.fps)

    # -- inside -------------------------------------------------------------------------------------------------------

    @property
    def _size(self) -> tuple[int, int]:
        return self._picture.width, self._picture.height

    def _new_rendition(self, name: EncodingName, bitrate: int) -> Rendition:
        return self._open_rendition(
            name,
            self._frames,
            self._size,
            replace(self._settings, bitrate=bitrate, fps=self._picture.fps),
            self.fps,
            self._policy,
            on_keyframe=self._move_waiting,
            on_failed=self._on_failed,
        )

    def _renditions(self) -> tuple[Rendition, ...]:
        return (self.full,) if self.reduced is None else (self.full, self.reduced)

    def _arrange(self) -> None:
        """Assign each subscription to a rendition, and set the target bitrates of both."""
        best = self.bitrate.value(_best_capacity(self._subscriptions))
        wide: list[StreamSubscription] = []
        narrow: list[StreamSubscription] = []
        for subscription in self._subscriptions:
            (narrow if subscription.link.is_narrow(subscription.capacity, best) else wide).append(subscription)
        self.full.set_bitrate(self.bitrate.value(_capacities(wide)))
        for subscription in wide:
            self._assign(subscription, self.full)
        if narrow:
            reduced = self._reduced_at(self.bitrate.value(_capacities(narrow)))
            for subscription in narrow:
                self._assign(subscription, reduced)
        self._end_unused()

    def _reduced_at(self, bitrate: int) -> Rendition:
        """Return the reduced rendition, opened if needed, with this target bitrate in bits per second."""
        if self.reduced is None:
            self.reduced = self._new_rendition("reduced", bitrate)
            self.reduced.start()
            self.reduced.resume()
        else:
            self.reduced.set_bitrate(bitrate)
        return self.reduced

    def _assign(self, subscription: StreamSubscription, rendition: Rendition) -> None:
        if subscription.rendition is rendition:
            subscription.await_keyframe_of(None)
        elif subscription.awaited is not rendition:
            subscription.await_keyframe_of(rendition)
            rendition.keyframes.request()

    def _move_waiting(self, rendition: Rendition) -> None:
        """Move the subscriptions that await the keyframe which this rendition has just encoded."""
        for subscription in self._subscriptions:
            if subscription.awaited is rendition:
                subscription.move_to(rendition)
        self._end_unused()

    def _end_unused(self) -> None:
        reduced = self.reduced
        if reduced is not None and not any(reduced in (each.rendition, each.awaited) for each in self._subscriptions):
            self.reduced = None
            reduced.close()


def _capacities(subscriptions: Iterable[StreamSubscription]) -> list[int]:
    """Return the link capacities that are known, in bits per second."""
    return [subscription.capacity for subscription in subscriptions if subscription.capacity is not None]


def _best_capacity(subscriptions: list[StreamSubscription]) -> list[int]:
    """Return the highest link capacity; an empty list while the capacity of any link is unknown."""
    known = _capacities(subscriptions)
    return [max(known)] if known and len(known) == len(subscriptions) else []
