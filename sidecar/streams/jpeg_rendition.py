"""One camera's pictures as JPEG, for viewers without an H.264 decoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sidecar.blocking import on_loop
from sidecar.contract.errors import ContractError
from sidecar.encoding.jpeg_thread import JpegThread
from sidecar.media.frame_slot import FrameSlot, FrameTee
from sidecar.media.jpeg_picture import JpegPicture
from sidecar.streams.sinks import Sinks


class JpegSink(Protocol):
    """A consumer of JPEG pictures."""

    def push_jpeg(self, picture: JpegPicture) -> None:
        """Take one picture; called on the event loop's thread, and never blocks."""


class JpegSubscription:
    """The subscription of one JPEG sink (media.subscription).

    JPEG pictures are independent of each other and their quality is fixed, so keyframe requests and capacities are
    ignored.
    """

    def __init__(self, sink: JpegSink, on_close: Callable[[JpegSubscription], None]) -> None:
        self.sink = sink
        self._on_close = on_close

    @property
    def encoding(self) -> None:
        """None, because JPEG pictures belong to none of the stream's H.264 encodings."""
        return None

    def request_keyframe(self) -> None:
        """Ignore the request: every JPEG picture is decodable by itself."""

    def report_capacity(self, bps: int) -> None:
        """Ignore the capacity: the size of a JPEG picture does not follow a bitrate."""

    def close(self) -> None:
        """End the deliveries; idempotent."""
        self._on_close(self)


class JpegRendition:
    """The JPEG thread of one camera, which runs while it has subscriptions.

    Every method is called on the event loop's thread, and so is `on_failed`, once when the encoder has failed.
    """

    def __init__(self, frames: FrameTee, on_failed: Callable[[ContractError], None]) -> None:
        self._frames = frames
        self._on_failed = on_loop(on_failed)
        self._subscriptions: Sinks[JpegSubscription] = Sinks()
        self._running: tuple[FrameSlot, JpegThread] | None = None

    @property
    def subscription_count(self) -> int:
        """The number of subscriptions."""
        return len(self._subscriptions)

    def subscribe(self, sink: JpegSink) -> JpegSubscription:
        """Return a subscription that pushes every picture to `sink`."""
        subscription = JpegSubscription(sink, self._remove)
        self._subscriptions.add(subscription)
        if self._running is None:
            slot = FrameSlot()
            thread = JpegThread(slot, on_loop(self._deliver), self._on_failed)
            self._running = slot, thread
            self._frames.add(slot)
            thread.start()
        return subscription

    def close(self) -> None:
        """Close every subscription, and begin to end the thread."""
        self._subscriptions.clear()
        self._end_unused()

    def _remove(self, subscription: JpegSubscription) -> None:
        self._subscriptions.remove(subscription)
        self._end_unused()

    def _deliver(self, picture: JpegPicture) -> None:
        self._subscriptions.deliver(lambda subscription: subscription.sink.push_jpeg(picture))

    def _end_unused(self) -> None:
        if self._running is not None and not self._subscriptions:
            (slot, thread), self._running = self._running, None
            self._frames.remove(slot)
            thread.close()
