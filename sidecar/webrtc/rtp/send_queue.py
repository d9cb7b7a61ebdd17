"""The packets that wait to leave: new frames and retransmissions, paced."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sidecar.congestion.controller import CongestionController
from sidecar.congestion.pacer import Pacer
from sidecar.media.access_unit import AccessUnit
from sidecar.webrtc.rtp.packets import SentFrame
from sidecar.webrtc.rtp.rtp_stream import RtpStream

MAX_WAITING: Final = 0.4
"""The longest send queue, in seconds at the pacing rate: a picture that leaves later is too late."""

MAX_RETRANSMISSIONS: Final = 256
"""Retransmissions that may wait: a viewer that misses more packets gets a keyframe sooner."""


class _WaitingFrame:
    """A frame with packets that are still to leave; `index` is the position of the next payload."""

    __slots__ = ("frame", "index", "payloads", "timestamp", "unit")

    def __init__(self, unit: AccessUnit, payloads: Sequence[bytes], timestamp: int) -> None:
        self.unit = unit
        self.payloads = payloads
        self.timestamp = timestamp
        self.frame: SentFrame | None = None  # from its first packet on
        self.index = 0


class SendQueue:
    """Yields packets at the pacing rate, retransmissions first."""

    def __init__(
        self,
        stream: RtpStream,
        controller: CongestionController,
        on_frame_sent: Callable[[AccessUnit, int], None],
    ) -> None:
        """`on_frame_sent` is called with each access unit and its time stamp when its last packet leaves."""
        self._stream = stream
        self._controller = controller
        self._on_frame_sent = on_frame_sent
        self._pacer = Pacer()
        self._frames: deque[_WaitingFrame] = deque()
        self._bytes = 0
        self._retransmissions: deque[tuple[SentFrame, int]] = deque()

    def set_rate(self, rate: float | None) -> None:
        """Pace at `rate` bits per second from now on; None: packets leave at once."""
        self._pacer.rate = rate

    def __bool__(self) -> bool:
        """Whether frames or retransmissions wait."""
        return bool(self._frames or self._retransmissions)

    @property
    def has_frames(self) -> bool:
        """Whether frames wait."""
        return bool(self._frames)

    @property
    def has_retransmissions(self) -> bool:
        """Whether retransmissions wait."""
        return bool(self._retransmissions)

    @property
    def seconds(self) -> float:
        """The seconds that the waiting frames take to leave."""
        return self._pacer.seconds(self._bytes)

    @property
    def room(self) -> int:
        """The number of retransmissions that still fit."""
        return MAX_RETRANSMISSIONS - len(self._retransmissions)

    def add(self, unit: AccessUnit, payloads: Sequence[bytes], timestamp: int) -> None:
        """Append a frame."""
        self._frames.append(_WaitingFrame(unit, payloads, timestamp))
        self._bytes += sum(map(len, payloads))

    def add_retransmissions(self, found: Sequence[tuple[SentFrame, int]]) -> None:
        """Append payloads to retransmit, each as its frame and its index; see `room`."""
        self._retransmissions += found

    def clear(self) -> int:
        """Discard the queue, and return the number of discarded frames."""
        discarded = len(self._frames)
        self._frames.clear()
        self._bytes = 0
        self._retransmissions.clear()
        return discarded

    def delay(self, now: float) -> float:
        """Return the seconds until the next packet may leave."""
        return self._pacer.delay(now)

    def leaving(self, now: float) -> Iterator[bytes]:
        """Yield the packets that may leave now; each is taken from the queue when it is yielded."""
        extensions = self._stream.writer.extensions()
        if self._retransmissions:
            yield from self._leaving_again(extensions, now)
        stream, pacer, frames, on_sent = self._stream, self._pacer, self._frames, self._controller.on_sent
        writer = stream.writer
        while frames and pacer.delay(now) <= 0:
            waiting = frames[0]
            index, payloads = waiting.index, waiting.payloads
            frame = waiting.frame or self._begin(waiting, now)
            own = extensions if index else writer.extensions(frame.captured_ntp)
            packet = stream.packet(frame, index, own)
            size = len(packet)
            on_sent(writer.transport_number, size, now)
            pacer.on_sent(size, now)
            self._bytes -= len(payloads[index])
            waiting.index = index = index + 1
            if index == len(payloads):
                frames.popleft()
                self._on_frame_sent(waiting.unit, waiting.timestamp)
            yield packet

    def _leaving_again(self, extensions: bytes, now: float) -> Iterator[bytes]:
        writer = self._stream.writer
        while self._retransmissions and self._pacer.delay(now) <= 0:
            frame, index = self._retransmissions.popleft()
            own = extensions if index else writer.extensions(frame.captured_ntp)
            packet = self._stream.retransmission(frame, index, own)
            self._controller.on_retransmitted(writer.transport_number, len(packet), now)
            self._pacer.on_sent(len(packet), now)
            yield packet

    def _begin(self, waiting: _WaitingFrame, now: float) -> SentFrame:
        waiting.frame = self._stream.begin(waiting.payloads, waiting.timestamp, waiting.unit.captured_at, now)
        return waiting.frame
