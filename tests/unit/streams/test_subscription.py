"""Subscriptions of sinks to a stream: the path of a keyframe request, and the end of a subscription."""

from __future__ import annotations

import gc
import weakref

import pytest

from sidecar.cameras.device import Format
from sidecar.contract.errors import ContractError
from sidecar.contract.types import EncodingOptions
from sidecar.media.frame_slot import FrameTee
from sidecar.streams.policy import StreamPolicy
from sidecar.streams.rendition import Rendition
from sidecar.streams.renditions import Renditions
from sidecar.streams.subscription import StreamSubscription
from tests.support.given_rendition import GivenRendition, Recorder

WIDE, NARROW = 2_000_000, 100_000


@pytest.fixture
async def renditions() -> Renditions:
    picture = Format(1280, 720, 30.0, "yuv420p")
    options = EncodingOptions(bitrate=WIDE)
    made = Renditions(FrameTee(), picture, options, StreamPolicy(), raise_error, open_rendition=GivenRendition)
    made.start()
    return made


def raise_error(error: ContractError) -> None:
    raise error


def given(rendition: Rendition | None) -> GivenRendition:
    assert isinstance(rendition, GivenRendition)
    return rendition


def narrow(subscription: StreamSubscription) -> None:
    subscription.report_capacity(NARROW)


async def test_a_keyframe_request_reaches_the_encoder_in_three_calls(renditions: Renditions) -> None:
    subscription = renditions.subscribe(Recorder())
    subscription.request_keyframe()
    (stack,) = given(renditions.full).requests
    names = [frame.name for frame in stack]
    own_calls = names[names.index("test_a_keyframe_request_reaches_the_encoder_in_three_calls") + 1 :]
    assert own_calls == ["request_keyframe", "request", "_request_keyframe"], "subscription, limiter, encoder"


async def test_a_request_goes_to_the_rendition_that_the_sink_awaits(renditions: Renditions) -> None:
    best, other = renditions.subscribe(Recorder()), renditions.subscribe(Recorder())
    best.report_capacity(WIDE)
    narrow(other)
    full, reduced = given(renditions.full), given(renditions.reduced)
    full.give(keyframe=True)
    before = len(full.requests)
    other.request_keyframe()
    assert len(full.requests) == before
    assert len(reduced.requests) == 1
    reduced.give(keyframe=True)
    assert (best.encoding, other.encoding) == ("full", "reduced")


async def test_a_closed_subscription_delivers_and_requests_nothing(renditions: Renditions) -> None:
    sink = Recorder()
    subscription = renditions.subscribe(sink)
    full = given(renditions.full)
    full.give(keyframe=True)
    subscription.close()
    full.give(keyframe=True)
    subscription.request_keyframe()
    subscription.report_capacity(NARROW)
    assert (len(sink.units), len(full.requests), full.bitrate, full.is_paused) == (1, 0, WIDE, True)
    assert (subscription.encoding, renditions.subscription_count) == (None, 0)


async def test_closing_a_subscription_again_leaves_the_others_alone(renditions: Renditions) -> None:
    stays = Recorder()
    subscription = renditions.subscribe(Recorder())
    renditions.subscribe(stays)
    for _ in range(2):
        subscription.close()
    full = given(renditions.full)
    assert (renditions.subscription_count, full.is_paused) == (1, False)
    full.give(keyframe=True)
    assert len(stays.units) == 1


@pytest.mark.parametrize("narrows", [False, True])
async def test_a_closed_subscription_is_freed_also_while_it_awaits_a_keyframe(
    renditions: Renditions, narrows: bool
) -> None:
    renditions.subscribe(Recorder()).report_capacity(WIDE)
    sink = Recorder()
    subscription = renditions.subscribe(sink)
    subscription.request_keyframe()
    if narrows:
        narrow(subscription)
        subscription.request_keyframe()
    reduced = renditions.reduced
    subscription.close()
    left = weakref.ref(subscription), weakref.ref(sink)
    del subscription, sink
    gc.collect()
    assert [reference() for reference in left] == [None, None]
    assert renditions.reduced is None
    assert reduced is None or given(reduced).is_closed


async def test_subscriptions_that_come_and_go_leave_the_stream_as_it_was(renditions: Renditions) -> None:
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(200):
        subscription = renditions.subscribe(Recorder())
        subscription.request_keyframe()
        narrow(subscription)
        subscription.close()
    del subscription
    gc.collect()
    assert len(gc.get_objects()) - before < 100
    assert renditions.subscription_count == 0


async def test_closing_the_stream_closes_its_subscriptions(renditions: Renditions) -> None:
    sink = Recorder()
    subscription = renditions.subscribe(sink)
    full = given(renditions.full)
    renditions.close()
    subscription.close()
    assert (subscription.encoding, full.is_closed, renditions.subscription_count) == (None, True, 0)
    full.give(keyframe=True)
    assert sink.units == []
