"""The sender of one camera's pictures to one viewer over a WebSocket: always the newest picture."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from sidecar.contract.types import Latency, OutboundStats
from sidecar.local_stream.messages import (
    SEQUENCE_MODULUS,
    ClientMessage,
    CodecName,
    MessageType,
    description_payload,
    header,
)
from sidecar.local_stream.policy import LocalStreamPolicy
from sidecar.local_stream.window import Window
from sidecar.media.access_unit import AccessUnit
from sidecar.media.codec import StreamDescription
from sidecar.media.jpeg_picture import JpegPicture
from sidecar.media.meters import Percentiles
from sidecar.media.subscription import Subscription

NEVER: Final = float("-inf")


class Socket(Protocol):
    """An open WebSocket."""

    @property
    def buffered(self) -> int:
        """The bytes that the system has not taken yet."""

    def send(self, message: bytes) -> None:
        """Send a binary message without waiting. A closed socket ignores it."""


class SenderListener(Protocol):
    """The owner of a sender. Called on the event loop's thread."""

    def picture_sent(self) -> None:
        """The first picture was sent."""

    def codec_changed(self, codec: CodecName) -> None:
        """The viewer has changed the codec. The sender ignores pictures of the other codec from now on."""

    def stalled(self) -> None:
        """The viewer makes no progress."""


class LocalSender:
    """One viewer's stream. Pictures of both codecs may be pushed; those of the codec that the viewer did not choose are
    ignored.

    A stream begins with a keyframe. For a viewer that does not keep up, pictures are skipped up to the next keyframe.
    That keyframe is requested when there is room again, so a stalled viewer costs the other viewers no keyframes.
    """

    def __init__(
        self,
        socket: Socket,
        description: StreamDescription,
        listener: SenderListener,
        policy: LocalStreamPolicy | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        policy = policy or LocalStreamPolicy()
        self.codec: CodecName = "h264"
        self.first_frame_sent_at: float | None = None
        self._outbound = OutboundStats()
        self._encoded_to_sent = Percentiles(clock=clock)
        self._socket = socket
        self._description = description
        self._listener = listener
        self._clock = clock
        self._room = _Room(socket, policy)
        self._keyframe = _AwaitedKeyframe(policy.keyframe_timeout, clock())
        self._sequence = 0

    def attach(self, subscription: Subscription | None) -> None:
        """Send keyframe requests to this subscription; None: to none."""
        self._keyframe.subscription = subscription

    def push(self, access_unit: AccessUnit) -> None:
        """Send an access unit now, or skip it."""
        if self.codec != "h264":
            return
        now = self._clock()
        if not self._has_room(now):
            self._keyframe.wait(requested_at=NEVER)
        elif self._keyframe.is_awaited and not access_unit.keyframe:
            self._outbound.frames_dropped += self._room.is_overflowing
            self._keyframe.request_if_late(now)
        else:
            self._keyframe.is_awaited = False
            self._send_access_unit(access_unit, now)

    def push_jpeg(self, picture: JpegPicture) -> None:
        """Send a JPEG picture now, or skip it."""
        now = self._clock()
        if self.codec == "jpeg" and self._has_room(now):
            self._send(MessageType.JPEG, True, picture.data, picture.captured_at, now)
            self._count(picture.encoded_at, len(picture.data))

    def receive(self, message: ClientMessage) -> None:
        """Handle a message of the viewer."""
        if message.received is not None:
            self._room.window.received(message.received, self._clock())
        if message.keyframe:
            self._outbound.pli_count += 1
            self._keyframe.request()
        if message.codec is not None and message.codec != self.codec:
            self.codec = message.codec
            self._keyframe.is_awaited = True
            self._listener.codec_changed(message.codec)

    def outbound(self) -> OutboundStats:
        """Return a snapshot of the counters. A message counts as a packet, a keyframe request as a PLI."""
        round_trip = self._room.window.round_trip_time
        latency = Latency(p50=self._encoded_to_sent.percentile(50), p95=self._encoded_to_sent.percentile(95))
        return self._outbound.model_copy(
            update={
                "packets_sent": self._outbound.frames_sent,
                "round_trip_time_ms": None if round_trip is None else round_trip * 1000,
                "encoded_to_sent_ms": latency,
            }
        )

    def _has_room(self, now: float) -> bool:
        if self._room.is_stalled(now):
            self._listener.stalled()
        if self._room.is_full(now):
            self._outbound.frames_dropped += 1
            return False
        return True

    def _send_access_unit(self, unit: AccessUnit, now: float) -> None:
        if unit.keyframe:
            self._send_description(unit.describe(), unit.captured_at, now)
        payload = unit.sample()
        self._send(MessageType.ACCESS_UNIT, unit.keyframe, payload, unit.captured_at, now)
        self._count(unit.encoded_at, len(payload))

    def _send_description(self, description: StreamDescription, captured_at: float, now: float) -> None:
        if description != self._description:
            self._description = description
            self._send(MessageType.DESCRIPTION, True, description_payload(description), captured_at, now)

    def _send(self, kind: MessageType, keyframe: bool, payload: bytes, captured_at: float, now: float) -> None:
        wall = time.time()
        start = header(
            kind, keyframe=keyframe, sequence=self._sequence, captured_at=captured_at, monotonic=now, wall=wall
        )
        self._socket.send(start + payload)

    def _count(self, encoded_at: float, size: int) -> None:
        now = self._clock()
        self._room.sent(self._sequence, now)
        self._sequence = (self._sequence + 1) % SEQUENCE_MODULUS
        self._outbound.frames_sent += 1
        self._outbound.bytes_sent += size
        self._encoded_to_sent.add((now - encoded_at) * 1000)
        if self.first_frame_sent_at is None:
            self.first_frame_sent_at = now
            self._listener.picture_sent()


class _Room:
    """The room for another picture: in the viewer's window, and in the socket's buffer."""

    def __init__(self, socket: Socket, policy: LocalStreamPolicy) -> None:
        self.window = Window(policy)
        self.is_overflowing = False
        """Whether pictures were skipped since the last one sent."""

        self._socket = socket
        self._policy = policy
        self._stuck_since: float | None = None

    def sent(self, sequence: int, now: float) -> None:
        """Add a picture that was sent."""
        self.window.sent(sequence, now)
        self.is_overflowing = False

    def is_stalled(self, now: float) -> bool:
        """Return whether the viewer, or its socket, has made no progress for too long."""
        return max(self.window.age(now), self._stuck_for(now)) > self._policy.stall_timeout

    def is_full(self, now: float) -> bool:
        """Return whether the picture must be skipped."""
        is_full = self.window.is_full(now) or self._socket.buffered > self._policy.max_buffered
        self.is_overflowing = self.is_overflowing or is_full
        return is_full

    def _stuck_for(self, now: float) -> float:
        """Return the seconds for which the socket's buffer has been over the limit; 0 when it is not."""
        if self._socket.buffered <= self._policy.max_buffered:
            self._stuck_since = None
            return 0.0
        if self._stuck_since is None:
            self._stuck_since = now
        return now - self._stuck_since


class _AwaitedKeyframe:
    """The keyframe that the viewer needs before other pictures, and its requests."""

    def __init__(self, timeout: float, requested_at: float) -> None:
        self.subscription: Subscription | None = None
        self.is_awaited = True
        self._timeout = timeout
        self._requested_at = requested_at

    def wait(self, requested_at: float) -> None:
        """Await a keyframe; the last request for it was made at `requested_at`."""
        self.is_awaited = True
        self._requested_at = requested_at

    def request_if_late(self, now: float) -> None:
        """Request the keyframe unless the last request is recent."""
        if now - self._requested_at >= self._timeout:
            self._requested_at = now
            self.request()

    def request(self) -> None:
        """Request a keyframe."""
        if self.subscription is not None:
            self.subscription.request_keyframe()
