"""One rendition of a stream: the access units of one encoder, delivered to the sinks that it serves."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from sidecar.contract.types import EncoderStats, EncodingName, FramesDropped
from sidecar.media.access_unit import AccessUnit
from sidecar.media.subscription import Sink
from sidecar.streams.keyframes import KeyframeLimiter, KeyframePolicy, KeyframeRequester
from sidecar.streams.sinks import Sinks


class Rendition(ABC):
    """A stream's access units at one bitrate and size; `name` is the contract's name of this encoding.

    `bitrate` is the target in bits per second, `client` the requester of the method request_keyframe. A subclass gets
    the access units from an encoder thread, or from a camera that encodes, and hands them to `_deliver` on the event
    loop's thread. Every other method but stop_thread is called on that thread, too.
    """

    def __init__(
        self,
        name: EncodingName,
        bitrate: int,
        *,
        encode_keyframe: Callable[[], None],
        on_keyframe: Callable[[Rendition], None],
        policy: KeyframePolicy,
    ) -> None:
        """`encode_keyframe` asks for a keyframe; `on_keyframe` is called with each, before the sinks get it."""
        self.name: EncodingName = name
        self.bitrate = bitrate
        self.sinks: Sinks[Sink] = Sinks()
        self.keyframes = KeyframeLimiter(encode_keyframe, policy)
        self.client = KeyframeRequester()
        self._on_keyframe = on_keyframe

    @abstractmethod
    def start(self) -> None:
        """Start the source of access units, paused until `resume`."""

    @abstractmethod
    def resume(self) -> None:
        """Deliver access units, from a keyframe on."""

    @abstractmethod
    def pause(self) -> None:
        """Deliver no access units until `resume`."""

    def close(self) -> None:
        """Request no more keyframes, and begin to end the source of access units."""
        self.keyframes.close()

    @abstractmethod
    def stop_thread(self) -> bool:
        """Wait until the source's thread has ended; False when it hangs and is abandoned. For any other thread."""

    @abstractmethod
    def set_bitrate(self, bitrate: int) -> None:
        """Set the target bitrate in bits per second, from the next picture on."""

    @abstractmethod
    def set_camera_format(self, size: tuple[int, int], camera_fps: float, fps: float) -> None:
        """Take on the camera's picture size (pixels) and frame rate, of which at most `fps` a second are delivered."""

    @abstractmethod
    def stats(self) -> EncoderStats:
        """Return a snapshot of the counters."""

    @property
    @abstractmethod
    def encoder(self) -> str:
        """The name of the encoder, FFmpeg's."""

    @abstractmethod
    def frames_dropped(self) -> FramesDropped:
        """Return a snapshot of the counters of dropped frames."""

    def add(self, sink: Sink) -> None:
        """Deliver to this sink, too."""
        self.sinks.add(sink)

    def remove(self, sink: Sink) -> None:
        """Deliver to this sink no more."""
        self.sinks.remove(sink)

    def _deliver(self, access_unit: AccessUnit) -> None:
        if access_unit.keyframe:
            self.keyframes.keyframe_encoded()
            self._on_keyframe(self)
        self.sinks.deliver(lambda sink: sink.push(access_unit))
