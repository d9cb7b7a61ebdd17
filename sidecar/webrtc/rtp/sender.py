"""The RTP sender of one viewer: access units in, packets out as the congestion controller decides."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from sidecar.congestion.controller import CongestionController, Decision
from sidecar.media.access_unit import AccessUnit
from sidecar.webrtc.rtp.frame_log import FrameLog
from sidecar.webrtc.rtp.keyframe_gate import KeyframeGate
from sidecar.webrtc.rtp.packetiser import SHARED, Packetiser
from sidecar.webrtc.rtp.rtp_stream import RtpStream
from sidecar.webrtc.rtp.send_queue import MAX_WAITING, SendQueue
from sidecar.webrtc.rtp.transport import RtpTransport, Schedule, Timer, on_the_loop

TIMER_STEP: Final = 0.005
"""The shortest time, in seconds, until the timer sends the next packets; several packets then leave together."""


class RtpSender:
    """Sends one stream to one viewer.

    A viewer starts with a keyframe, which is requested; frames before it are dropped. When the network does not keep
    up, frames are dropped up to the next keyframe.
    """

    def __init__(
        self,
        stream: RtpStream,
        controller: CongestionController,
        transport: RtpTransport,
        request_keyframe: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        schedule: Schedule = on_the_loop,
        packetiser: Packetiser = SHARED,
    ) -> None:
        """`request_keyframe` takes the reason in words; `clock` is monotonic, and that of the controller."""
        self.stream = stream
        self.frames = FrameLog(stream.counters, clock)
        self._controller = controller
        self._transport = transport
        self._clock = clock
        self._schedule = schedule
        self._packetiser = packetiser
        self._timer: Timer | None = None
        self._gate = KeyframeGate(request_keyframe, clock())
        self._queue = SendQueue(stream, controller, self._on_frame_sent)

    def start(self) -> None:
        """Request the keyframe that the viewer starts with."""
        self._gate.request("new viewer", self._clock())

    def stop(self) -> None:
        """Discard the send queue and the retransmission history; the viewer continues with a keyframe."""
        self.stream.history.clear()
        self._gate.close()
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def push(self, unit: AccessUnit) -> None:
        """Queue and send an access unit, or drop it while the viewer cannot use it."""
        now = self._clock()
        self._controller.encoder_target = unit.target_bitrate
        if now < self._controller.drain_until:
            self.stream.counters.frames_dropped += 1
            return
        if self._gate.holds(keyframe=unit.keyframe, now=now):
            self.stream.counters.frames_dropped += self._gate.is_overflowing
            return
        self._queue.set_rate(None if self._transport.is_local else self._controller.pacing_rate)
        if self._queue.seconds > MAX_WAITING:
            self._overflow(now)
            if not unit.keyframe:
                self.stream.counters.frames_dropped += 1
                return
        self._gate.open()
        self._queue.add(unit, self._packetiser.payloads(unit), self.stream.next_timestamp(unit))
        self._release(now)

    def apply(self, decision: Decision) -> None:
        """Act on the controller's decision, but for its target bitrate and its retransmission budget."""
        if decision.playout_delay is not None:
            self.stream.writer.playout_delay = decision.playout_delay
        if decision.keyframe:
            self._queue.clear()
            self.stream.history.clear()
            self._gate.close(is_overflowing=True)
        if decision.drain_until is not None:
            self._gate.expect(decision.drain_until)
            self._set_timer(decision.drain_until - self._clock())

    def retransmit(self, sequence_numbers: Sequence[int], budget: float) -> bool:
        """Retransmit the lost packets that are remembered and were not retransmitted within this round trip.

        Return False, and send none, when they have more than `budget` bits.
        """
        now = self._clock()
        history = self.stream.history
        wanted = islice(sequence_numbers, self._queue.room)
        found = [known for known in (history.find(number, now) for number in wanted) if known is not None]
        if 8 * sum(len(frame.payloads[index]) for frame, index in found) > budget:
            return False
        self._queue.add_retransmissions(found)
        if self._queue.has_retransmissions:
            self._release(now)
        return True

    def _on_frame_sent(self, unit: AccessUnit, timestamp: int) -> None:
        is_first = self.frames.last_unit is None
        self.frames.add(unit, timestamp)
        if is_first:
            self._controller.on_first_frame_sent(self._clock())

    def _overflow(self, now: float) -> None:
        self.stream.counters.frames_dropped += self._queue.clear()
        self._gate.close(is_overflowing=True)
        self._gate.request("the network does not keep up", now)

    def _release(self, now: float) -> None:
        """Send the packets that may leave now; a timer sends the rest."""
        queue = self._queue
        if not self._transport.send_rtp(queue.leaving(now)):
            self._overflow(now)
        elif queue and self._timer is None:
            self._set_timer(max(queue.delay(now), TIMER_STEP))

    def _set_timer(self, delay: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._schedule(delay, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        now = self._clock()
        if self._gate.is_closed and not self._queue.has_frames:
            self._gate.request("most packets were lost", now)
        self._release(now)
