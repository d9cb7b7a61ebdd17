"""The assignment of subscriptions to renditions, with real encoders and frames that the test gives."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial

import pytest

from sidecar.cameras.device import Format
from sidecar.contract.errors import ContractError
from sidecar.contract.types import EncodingOptions
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame_slot import FrameTee
from sidecar.streams.bitrate import default_bitrate
from sidecar.streams.policy import StreamPolicy
from sidecar.streams.renditions import Renditions
from sidecar.streams.subscription import StreamSubscription
from tests.support.notifications import LIMIT
from tests.support.pictures import HEIGHT, WIDTH, MovingPicture

FPS = 30.0
GOOD = default_bitrate(WIDTH, HEIGHT, FPS)
NARROW = 100_000


class Screen:
    """A sink that keeps its access units."""

    subscription: StreamSubscription

    def __init__(self) -> None:
        self.units: list[AccessUnit] = []

    def push(self, access_unit: AccessUnit) -> None:
        self.units.append(access_unit)

    @property
    def target_bitrate(self) -> int:
        """The target of the last access unit, in bits per second; 0 before the first."""
        return self.units[-1].target_bitrate if self.units else 0

    @property
    def width(self) -> int:
        return self.units[-1].width if self.units else 0


class Bench:
    def __init__(self) -> None:
        self.errors: list[ContractError] = []
        self._frames = FrameTee()
        self._picture = MovingPicture()
        self._number = 0
        picture = Format(WIDTH, HEIGHT, FPS, "yuv420p")
        self.renditions = Renditions(self._frames, picture, EncodingOptions(), StreamPolicy(), self.errors.append)
        self.renditions.start()

    async def show(self, until: Callable[[], bool]) -> None:
        """Put a frame every few milliseconds until the condition holds."""
        async with asyncio.timeout(LIMIT):
            while not until():
                self._number += 1
                self._frames.put(replace(self._picture.frame(self._number), captured_at=time.monotonic()))
                await asyncio.sleep(0.005)  # a camera's pace, only faster

    async def watch(self, screen: Screen, pictures: int = 1) -> None:
        """Put frames until a viewer has this number of further access units."""
        wanted = len(screen.units) + pictures
        await self.show(lambda: len(screen.units) >= wanted)

    def viewers(self, *links: int | None) -> list[Screen]:
        """Return a viewer for each link capacity, in bits per second; None: unknown."""
        screens = [Screen() for _ in links]
        for screen in screens:
            screen.subscription = self.renditions.subscribe(screen)
        for screen, link in zip(screens, links, strict=True):
            if link is not None:
                screen.subscription.report_capacity(link)
        return screens

    async def until_aimed(self, bitrate: int, *screens: Screen) -> None:
        """Put frames until the encoders of these viewers aim at a bitrate, in bits per second."""
        await self.show(lambda: all(screen.target_bitrate == bitrate for screen in screens))

    async def on_reduced(self, *screens: Screen) -> None:
        await self.show(lambda: all(screen.subscription.encoding == "reduced" for screen in screens))


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    made.renditions.close()
    assert await asyncio.to_thread(made.renditions.stop_threads)
    assert made.errors == []


def is_newer(screen: Screen, moment: float) -> bool:
    """Whether the last access unit was captured after `moment`."""
    return bool(screen.units) and screen.units[-1].captured_at > moment


def encoder_threads() -> int:
    return sum(thread.name == "encoder" for thread in threading.enumerate())


async def test_a_single_viewer_never_costs_two_encodings(bench: Bench) -> None:
    (screen,) = bench.viewers(NARROW)
    await bench.watch(screen, 3)
    assert bench.renditions.reduced is None
    assert bench.renditions.full.bitrate == NARROW
    assert encoder_threads() == 1


async def test_viewers_with_similar_links_share_one_encoding(bench: Bench) -> None:
    screens = bench.viewers(GOOD, round(0.7 * GOOD))
    await bench.watch(screens[1], 3)
    assert bench.renditions.reduced is None
    await bench.until_aimed(round(0.7 * GOOD), *screens)


async def test_a_narrow_link_gets_an_encoding_of_its_own_and_the_others_keep_theirs(bench: Bench) -> None:
    good, narrow = bench.viewers(GOOD, NARROW)
    await bench.on_reduced(narrow)
    assert good.subscription.encoding == "full"
    await bench.until_aimed(GOOD, good)
    await bench.until_aimed(NARROW, narrow)
    assert encoder_threads() == 2


async def test_viewers_with_links_of_every_capacity_cost_two_encodings_at_most(bench: Bench) -> None:
    screens = bench.viewers(GOOD, GOOD // 3, NARROW + 20_000, NARROW, None)
    await bench.on_reduced(*screens[1:4])
    assert encoder_threads() == 2
    await bench.until_aimed(NARROW, *screens[1:4])
    assert bench.renditions.subscription_count == 5


async def test_a_viewer_changes_over_with_a_keyframe_and_sees_no_gap(bench: Bench) -> None:
    good, narrow = bench.viewers(GOOD, None)
    await bench.watch(narrow, 3)
    narrow.subscription.report_capacity(NARROW)
    seen = len(narrow.units)
    await bench.on_reduced(narrow)
    await bench.watch(narrow, 2)
    keyframe = next(number for number in range(seen, len(narrow.units)) if narrow.units[number].keyframe)
    shared = {id(unit) for unit in good.units}
    assert all(id(unit) in shared for unit in narrow.units[:keyframe])
    assert not any(id(unit) in shared for unit in narrow.units[keyframe:])


async def test_the_second_encoding_ends_with_its_last_viewer(bench: Bench) -> None:
    good, narrow = bench.viewers(GOOD, NARROW)
    await bench.on_reduced(narrow)
    narrow.subscription.close()
    assert bench.renditions.reduced is None
    await bench.show(lambda: encoder_threads() == 1)
    await bench.watch(good)


async def test_a_narrow_link_that_is_left_alone_comes_back_to_the_full_encoding(bench: Bench) -> None:
    good, narrow = bench.viewers(GOOD, NARROW)
    await bench.on_reduced(narrow)
    good.subscription.close()
    await bench.show(lambda: narrow.subscription.encoding == "full")
    assert bench.renditions.reduced is None
    assert narrow.units[-1].keyframe or any(unit.keyframe for unit in narrow.units[-3:])
    await bench.until_aimed(NARROW, narrow)


async def test_a_viewer_that_leaves_while_it_changes_over_ends_the_second_encoding(bench: Bench) -> None:
    good, narrow = bench.viewers(GOOD, NARROW)
    assert bench.renditions.reduced is not None
    narrow.subscription.close()
    assert bench.renditions.reduced is None
    await bench.watch(good)
    assert narrow.subscription.encoding is None


async def test_a_keyframe_for_one_encoding_costs_the_other_none(bench: Bench) -> None:
    good, narrow = bench.viewers(GOOD, NARROW)
    await bench.on_reduced(narrow)
    await bench.watch(good, 10)  # longer than the interval between keyframes
    before = bench.renditions.full.stats().keyframes_encoded
    seen = len(narrow.units)
    narrow.subscription.request_keyframe()
    await bench.show(lambda: any(unit.keyframe for unit in narrow.units[seen:]))
    assert bench.renditions.full.stats().keyframes_encoded == before


async def test_a_bitrate_that_falls_far_makes_the_picture_smaller_without_a_new_viewer(bench: Bench) -> None:
    (screen,) = bench.viewers(GOOD)
    await bench.watch(screen)
    assert screen.width == WIDTH
    bench.renditions.full.set_bitrate(5_000)
    await bench.show(lambda: screen.width < WIDTH)
    assert screen.units[-1].keyframe or any(unit.keyframe for unit in screen.units[-3:])


async def test_a_wish_for_a_frame_rate_holds_for_both(bench: Bench) -> None:
    good, narrow = bench.viewers(GOOD, NARROW)
    await bench.on_reduced(narrow)
    bench.renditions.change(None, None, 10.0)
    changed_at = time.monotonic()  # access units of earlier frames may still be delivered
    assert bench.renditions.fps == 10.0
    for screen in (good, narrow):
        await bench.show(partial(is_newer, screen, changed_at))
        before = screen.units[-1].captured_at
        await bench.watch(screen, 2)
        assert screen.units[-1].captured_at - before > 0.1


async def test_encoding_pauses_when_the_last_viewer_has_left(bench: Bench) -> None:
    good, narrow = bench.viewers(GOOD, NARROW)
    await bench.on_reduced(narrow)
    for screen in (good, narrow):
        screen.subscription.close()
    before = bench.renditions.full.stats()
    dropped = bench.renditions.full.frames_dropped().no_viewer
    await bench.show(lambda: bench.renditions.full.frames_dropped().no_viewer > dropped + 3)
    assert bench.renditions.full.stats().frames_encoded <= before.frames_encoded + 1  # one frame was being encoded
    assert bench.renditions.subscription_count == 0
