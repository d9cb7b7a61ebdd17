from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import pytest

from sidecar.local_stream.messages import ClientMessage, CodecName
from sidecar.local_stream.policy import LocalStreamPolicy
from sidecar.local_stream.sender import LocalSender
from sidecar.media.access_unit import AccessUnit
from sidecar.media.jpeg_picture import JpegPicture
from tests.support.access_units import encoded_pictures
from tests.support.local_viewer import ACCESS_UNIT, DESCRIPTION, JPEG, Message, parse

UNITS = encoded_pictures(12, keyframes=frozenset({0, 6}))
FRAME = 1 / 30
POLICY = LocalStreamPolicy()


@dataclass
class Wire:
    """A socket without limits, and a listener and subscription that record their calls."""

    now: float = 1000.0
    buffered: int = 0
    messages: list[Message] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def send(self, message: bytes) -> None:
        self.messages.append(parse(message))

    def clock(self) -> float:
        return self.now

    def picture_sent(self) -> None:
        self.heard.append("picture")

    def request_keyframe(self) -> None:
        self.heard.append("keyframe")

    def report_capacity(self, bps: int) -> None:
        raise AssertionError("a local stream estimates no capacity")

    def close(self) -> None:
        raise AssertionError("the owner of the sender closes its subscription")

    def codec_changed(self, codec: CodecName) -> None:
        self.heard.append(codec)

    def stalled(self) -> None:
        self.heard.append("stalled")

    @property
    def types(self) -> list[int]:
        return [message.type for message in self.messages]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def sender(wire: Wire) -> LocalSender:
    sender = LocalSender(wire, UNITS[0].describe(), wire, clock=wire.clock)
    sender.attach(wire)
    return sender


def push(sender: LocalSender, wire: Wire, units: list[AccessUnit], *, acknowledge: bool = True) -> None:
    for unit in units:
        wire.now += FRAME
        sender.push(replace(unit, captured_at=wire.now - 0.01, encoded_at=wire.now - 0.002))
        if acknowledge and wire.messages:
            sender.receive(ClientMessage(received=wire.messages[-1].sequence))


def test_a_stream_begins_with_a_keyframe(wire: Wire, sender: LocalSender) -> None:
    push(sender, wire, UNITS[3:9])
    assert [message.keyframe for message in wire.messages] == [True, False, False]
    assert [message.sequence for message in wire.messages] == [0, 1, 2]
    assert wire.heard == ["picture"]
    assert (sender.outbound().frames_sent, sender.outbound().frames_dropped) == (3, 0)


def test_a_keyframe_that_does_not_arrive_is_requested_again(wire: Wire, sender: LocalSender) -> None:
    wire.now += POLICY.keyframe_timeout
    push(sender, wire, UNITS[1:5])
    assert wire.heard == ["keyframe"]


def test_for_a_viewer_that_does_not_keep_up_pictures_are_skipped_up_to_the_next_keyframe(
    wire: Wire, sender: LocalSender
) -> None:
    push(sender, wire, UNITS[:2], acknowledge=False)
    wire.now += POLICY.max_age
    push(sender, wire, UNITS[2:4], acknowledge=False)
    assert sender.outbound().frames_dropped == 2
    assert wire.heard == ["picture"], "a keyframe that could not be sent is not requested"
    sender.receive(ClientMessage(received=1))
    push(sender, wire, UNITS[4:9])
    assert [message.sequence for message in wire.messages] == [0, 1, 2, 3, 4]
    assert [message.keyframe for message in wire.messages] == [True, False, True, False, False]
    assert wire.heard == ["picture", "keyframe"]
    assert sender.outbound().frames_dropped == 4


def test_a_full_socket_gets_no_picture(wire: Wire, sender: LocalSender) -> None:
    push(sender, wire, UNITS[:1])
    wire.buffered = POLICY.max_buffered + 1
    push(sender, wire, UNITS[1:3])
    assert len(wire.messages) == 1


def test_a_viewer_without_acknowledgements_is_stalled_after_the_time_limit(wire: Wire, sender: LocalSender) -> None:
    push(sender, wire, UNITS[:1], acknowledge=False)
    wire.now += POLICY.stall_timeout
    push(sender, wire, UNITS[1:2], acknowledge=False)
    assert "stalled" in wire.heard


def test_a_viewer_that_acknowledges_without_reading_is_stalled_after_the_same_time(
    wire: Wire, sender: LocalSender
) -> None:
    push(sender, wire, UNITS[:1])
    wire.buffered = POLICY.max_buffered + 1
    push(sender, wire, UNITS[1:2])
    wire.now += POLICY.stall_timeout / 2
    wire.buffered = 0
    push(sender, wire, UNITS[2:3])
    wire.buffered = POLICY.max_buffered + 1
    push(sender, wire, UNITS[3:4])
    wire.now += POLICY.stall_timeout / 2
    push(sender, wire, UNITS[4:5])
    assert "stalled" not in wire.heard, "there was room in between"
    wire.now += POLICY.stall_timeout / 2
    push(sender, wire, UNITS[5:6])
    assert "stalled" in wire.heard


def test_a_new_description_comes_before_its_first_picture(wire: Wire, sender: LocalSender) -> None:
    push(sender, wire, UNITS[:1])
    assert wire.types == [ACCESS_UNIT]
    other = replace(UNITS[6], width=640)
    push(sender, wire, [other, UNITS[7], other])
    assert wire.types == [ACCESS_UNIT, DESCRIPTION, ACCESS_UNIT, ACCESS_UNIT, ACCESS_UNIT]
    assert json.loads(wire.messages[1].payload)["width"] == 640
    assert [message.sequence for message in wire.messages] == [0, 1, 1, 2, 3]


def test_the_viewer_chooses_the_codec(wire: Wire, sender: LocalSender) -> None:
    push(sender, wire, UNITS[:2])
    sender.push_jpeg(JpegPicture(b"jpeg", wire.now, wire.now))
    sender.receive(ClientMessage(codec="jpeg"))
    sender.receive(ClientMessage(codec="jpeg"))
    push(sender, wire, UNITS[2:3])
    sender.push_jpeg(JpegPicture(b"jpeg", wire.now, wire.now))
    sender.receive(ClientMessage(codec="h264", received=2))
    push(sender, wire, UNITS[5:7])
    assert wire.types == [ACCESS_UNIT, ACCESS_UNIT, JPEG, ACCESS_UNIT]
    assert wire.messages[-1].keyframe
    assert [word for word in wire.heard if word in ("jpeg", "h264")] == ["jpeg", "h264"]


def test_jpeg_pictures_are_skipped_for_a_viewer_that_does_not_keep_up(wire: Wire, sender: LocalSender) -> None:
    sender.receive(ClientMessage(codec="jpeg"))
    sender.push_jpeg(JpegPicture(b"first", wire.now, wire.now))
    wire.now += 2 * POLICY.max_age
    sender.push_jpeg(JpegPicture(b"second", wire.now, wire.now))
    assert sender.outbound().frames_dropped == 1
    sender.receive(ClientMessage(received=0))
    sender.push_jpeg(JpegPicture(b"third", wire.now, wire.now))
    assert [message.payload for message in wire.messages] == [b"first", b"third"]


def test_the_statistics_are_counted(wire: Wire, sender: LocalSender) -> None:
    push(sender, wire, UNITS[:2], acknowledge=False)
    wire.now += 0.004
    sender.receive(ClientMessage(received=1, keyframe=True))
    assert sender.outbound().round_trip_time_ms == pytest.approx(4.0)
    assert sender.outbound().encoded_to_sent_ms.p50 == pytest.approx(2.0)
    assert sender.outbound().bytes_sent == sum(len(message.payload) for message in wire.messages)
    assert (sender.outbound().pli_count, wire.heard) == (1, ["picture", "keyframe"])
