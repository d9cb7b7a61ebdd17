"""The delivery of pictures to sinks that fail, and to sinks that close subscriptions meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from sidecar.cameras.device import Format
from sidecar.contract.errors import ContractError
from sidecar.contract.types import EncodingOptions
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame_slot import FrameTee
from sidecar.streams.policy import StreamPolicy
from sidecar.streams.renditions import Renditions
from sidecar.streams.sinks import Sinks
from sidecar.streams.subscription import StreamSubscription
from tests.support.given_rendition import GivenRendition, Recorder


class Acting:
    """A sink that does something with each access unit."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self.count = 0

    def push(self, access_unit: AccessUnit) -> None:
        self.count += 1
        self._act()


@pytest.fixture
async def renditions() -> Renditions:
    made = Renditions(
        FrameTee(),
        Format(1280, 720, 30.0, "yuv420p"),
        EncodingOptions(),
        StreamPolicy(),
        raise_error,
        open_rendition=GivenRendition,
    )
    made.start()
    return made


def raise_error(error: ContractError) -> None:
    raise error


def give(renditions: Renditions, *, keyframe: bool) -> None:
    assert isinstance(renditions.full, GivenRendition)
    renditions.full.give(keyframe=keyframe)


async def test_a_failing_sink_keeps_no_picture_from_the_others(
    renditions: Renditions, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("the disk is full")

    failing, later = Acting(fail), Recorder()
    renditions.subscribe(failing)
    renditions.subscribe(later)
    with caplog.at_level(logging.ERROR):
        give(renditions, keyframe=True)
        give(renditions, keyframe=False)
    assert (failing.count, len(later.units)) == (2, 2)
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert "the disk is full" in caplog.text


async def test_a_sink_may_close_its_own_subscription_while_it_takes_a_picture(renditions: Renditions) -> None:
    subscriptions: list[StreamSubscription] = []
    leaving = Acting(lambda: subscriptions[0].close())
    subscriptions.append(renditions.subscribe(leaving))
    staying = Recorder()
    renditions.subscribe(staying)
    give(renditions, keyframe=True)
    give(renditions, keyframe=False)
    assert (leaving.count, len(staying.units), renditions.subscription_count) == (1, 2, 1)


async def test_a_subscription_that_another_sink_closes_gets_nothing_of_the_picture_under_way(
    renditions: Renditions,
) -> None:
    subscriptions: list[StreamSubscription] = []
    renditions.subscribe(Acting(lambda: subscriptions[0].close()))
    closed = Recorder()
    subscriptions.append(renditions.subscribe(closed))
    give(renditions, keyframe=True)
    assert closed.units == []


def test_a_sink_added_twice_is_delivered_to_twice_and_removed_once() -> None:
    sinks, sink = Sinks[list[int]](), list[int]()
    sinks.add(sink)
    sinks.add(sink)
    sinks.deliver(lambda each: each.append(1))
    assert len(sink) == 2
    sinks.remove(sink)
    sinks.remove([1, 1])
    sinks.deliver(lambda each: each.append(2))
    assert sink == [1, 1, 2]
    sinks.remove(sink)
    sinks.remove(sink)
    assert len(sinks) == 0
