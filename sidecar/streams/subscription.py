"""The subscription of one sink to a stream."""

from __future__ import annotations

from collections.abc import Callable

from sidecar.contract.types import EncodingName
from sidecar.media.subscription import Sink
from sidecar.streams.bitrate import NarrowLink
from sidecar.streams.keyframes import KeyframeRequester
from sidecar.streams.rendition import Rendition


class StreamSubscription:
    """The subscription of one sink, and the capacity of its link (media.subscription).

    `rendition` delivers to the sink, None once closed. The sink moves to the rendition `awaited`, if any, with its next
    keyframe. `capacity` is the link capacity in bits per second, None while unknown.
    """

    def __init__(
        self,
        sink: Sink,
        *,
        on_capacity: Callable[[], None],
        on_close: Callable[[StreamSubscription], None],
    ) -> None:
        self.sink = sink
        self.rendition: Rendition | None = None
        self.awaited: Rendition | None = None
        self.capacity: int | None = None
        self.link = NarrowLink()
        self._keyframes = KeyframeRequester()
        self._on_capacity = on_capacity
        self._on_close = on_close

    @property
    def encoding(self) -> EncodingName | None:
        """The name of the rendition that the sink gets; None once closed."""
        return self.rendition.name if self.rendition is not None else None

    def request_keyframe(self) -> None:
        """Ask for a keyframe of the rendition that the sink gets, or is about to get."""
        rendition = self.awaited or self.rendition
        if rendition is not None:
            rendition.keyframes.request(self._keyframes)

    def report_capacity(self, bps: int) -> None:
        """Report the link capacity in bits per second."""
        if self.rendition is not None:
            self.capacity = bps
            self._on_capacity()

    def close(self) -> None:
        """End the deliveries; idempotent."""
        if self.rendition is not None:
            self._on_close(self)

    def move_to(self, rendition: Rendition | None) -> None:
        """Deliver this rendition from its next access unit on; None: no rendition any more."""
        self.await_keyframe_of(None)
        if self.rendition is not None:
            self.rendition.remove(self.sink)
            self.rendition.keyframes.withdraw(self._keyframes)
        self.rendition = rendition
        if rendition is not None:
            rendition.add(self.sink)

    def await_keyframe_of(self, rendition: Rendition | None) -> None:
        """Let the sink move to this rendition with its next keyframe; None: the sink stays with its rendition."""
        source = self.awaited or self.rendition
        if source is not None and rendition is not self.awaited:
            source.keyframes.withdraw(self._keyframes)
        self.awaited = rendition
