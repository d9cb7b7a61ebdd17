from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import pytest

from sidecar.local_stream.messages import ClientMessage, CodecName
from sidecar.local_stream.sender import KEYFRAME_PATIENCE, MAX_BUFFERED, STALL_LIMIT, LocalSender
from sidecar.local_stream.window import MAX_SECONDS
from sidecar.media.access_unit import AccessUnit
from sidecar.media.jpeg_picture import JpegPicture
from tests.support.access_units import encoded_pictures
from tests.support.local_viewer import ACCESS_UNIT, DESCRIPTION, JPEG, Message, parse

UNITS = encoded_pictures(12, keyframes=frozenset({0, 6}))
FRAME = 1 / 30


@dataclass
class Wire:
    """A socket that takes everything, and a listener and subscription that write down what they hear."""

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

    def codec_wanted(self, codec: CodecName) -> None:
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
    sender = LocalSender(wire, UNITS[0].describe(), wire, wire.clock)
    sender.attach(wire)
    return sender


def push(sender: LocalSender, wire: Wire, units: list[AccessUnit], *, acknowledge: bool = True) -> None:
    for unit in units:
        wire.now += FRAME
        sender.push(replace(unit, captured_at=wire.now - 0.01, encoded_at=wire.now - 0.002))
        if acknowledge and wire.messages:
            sender.take(ClientMessage(received=wire.messages[-1].sequence))


def test_a_stream_begins_with_a_keyframe(wire: Wire, sender: LocalSender) -> None:
    push(sender, wire, UNITS[3:9])
    assert [message.keyframe for message in wire.messages] == [True, False, False]
    assert [message.sequence for message in wire.messages] == [0, 1, 2]
    assert wire.heard == ["picture"]
    assert (sender.frames_sent, sender.frames_dropped) == (3, 0)


def test_a_keyframe_that_does_not_come_is_asked_for_again(wire: Wire, sender: LocalSender) -> None:
    wire.now += KEYFRAME_PATIENCE
    push(sender, wire, UNITS[1:5])
    assert wire.heard == ["keyframe"]


def test_a_viewer_that_does_not_keep_up_misses_pictures_up_to_the_next_keyframe(
    wire: Wire, sender: LocalSender
) -> None:
    push(sender, wire, UNITS[:2], acknowledge=False)
    wire.now += MAX_SECONDS
    push(sender, wire, UNITS[2:4], acknowledge=False)
    assert sender.frames_dropped == 2
    assert wire.heard == ["picture"], "nobody is asked for keyframes that could not be sent"
    sender.take(ClientMessage(received=1))
    push(sender, wire, UNITS[4:9])
    assert [message.sequence for message in wire.messages] == [0, 1, 2, 3, 4]
    assert [message.keyframe for message in wire.messages] == [True, False, True, False, False]
    assert wire.heard == ["picture", "keyframe"]
    assert sender.frames_dropped == 4


def test_a_socket_that_takes_nothing_gets_nothing(wire: Wire, sender: LocalSender) -> None:
    push(sender, wire, UNITS[:1])
    wire.buffered = MAX_BUFFERED + 1
    push(sender, wire, UNITS[1:3])
    assert len(wire.messages) == 1


def test_a_viewer_that_stands_still_for_long_is_gone(wire: Wire, sender: LocalSender) -> None:
    push(sender, wire, UNITS[:1], acknowledge=False)
    wire.now += STALL_LIMIT
    push(sender, wire, UNITS[1:2], acknowledge=False)
    assert "stalled" in wire.heard


def test_a_viewer_that_says_it_has_what_its_socket_did_not_take_is_gone_after_as_long(
    wire: Wire, sender: LocalSender
) -> None:
    push(sender, wire, UNITS[:1])
    wire.buffered = MAX_BUFFERED + 1
    push(sender, wire, UNITS[1:2])
    wire.now += STALL_LIMIT / 2
    wire.buffered = 0
    push(sender, wire, UNITS[2:3])
    wire.buffered = MAX_BUFFERED + 1
    push(sender, wire, UNITS[3:4])
    wire.now += STALL_LIMIT / 2
    push(sender, wire, UNITS[4:5])
    assert "stalled" not in wire.heard, "there was room in between"
    wire.now += STALL_LIMIT / 2
    push(sender, wire, UNITS[5:6])
    assert "stalled" in wire.heard


def test_another_encoder_describes_itself_before_its_first_picture(wire: Wire, sender: LocalSender) -> None:
    push(sender, wire, UNITS[:1])
    assert wire.types == [ACCESS_UNIT]
    other = replace(UNITS[6], width=640)
    push(sender, wire, [other, UNITS[7], other])
    assert wire.types == [ACCESS_UNIT, DESCRIPTION, ACCESS_UNIT, ACCESS_UNIT, ACCESS_UNIT]
    assert json.loads(wire.messages[1].payload)["width"] == 640
    assert [message.sequence for message in wire.messages] == [0, 1, 1, 2, 3]


def test_the_viewer_chooses_what_kind_of_pictures_it_gets(wire: Wire, sender: LocalSender) -> None:
    push(sender, wire, UNITS[:2])
    sender.push_jpeg(JpegPicture(b"jpeg", wire.now, wire.now))
    sender.take(ClientMessage(codec="jpeg"))
    sender.take(ClientMessage(codec="jpeg"))
    push(sender, wire, UNITS[2:3])
    sender.push_jpeg(JpegPicture(b"jpeg", wire.now, wire.now))
    sender.take(ClientMessage(codec="h264", received=2))
    push(sender, wire, UNITS[5:7])
    assert wire.types == [ACCESS_UNIT, ACCESS_UNIT, JPEG, ACCESS_UNIT]
    assert wire.messages[-1].keyframe
    assert [word for word in wire.heard if word in ("jpeg", "h264")] == ["jpeg", "h264"]


def test_jpeg_pictures_are_left_out_for_a_viewer_that_does_not_keep_up(wire: Wire, sender: LocalSender) -> None:
    sender.take(ClientMessage(codec="jpeg"))
    sender.push_jpeg(JpegPicture(b"first", wire.now, wire.now))
    wire.now += 2 * MAX_SECONDS
    sender.push_jpeg(JpegPicture(b"second", wire.now, wire.now))
    assert sender.frames_dropped == 1
    sender.take(ClientMessage(received=0))
    sender.push_jpeg(JpegPicture(b"third", wire.now, wire.now))
    assert [message.payload for message in wire.messages] == [b"first", b"third"]


def test_figures_tell_the_way_of_a_picture(wire: Wire, sender: LocalSender) -> None:
    push(sender, wire, UNITS[:2], acknowledge=False)
    wire.now += 0.004
    sender.take(ClientMessage(received=1, keyframe=True))
    assert sender.round_trip_time == pytest.approx(0.004)
    assert sender.encoded_to_sent.percentile(50) == pytest.approx(2.0)
    assert sender.bytes_sent == sum(len(message.payload) for message in wire.messages)
    assert (sender.keyframe_requests, wire.heard) == (1, ["picture", "keyframe"])
