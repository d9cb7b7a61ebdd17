"""The JPEG pictures of a stream, with the real encoder thread and frames that the test gives."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from sidecar.contract.errors import ContractError
from sidecar.media.frame_slot import FrameTee
from sidecar.media.jpeg_picture import JpegPicture
from sidecar.streams.jpeg_rendition import JpegRendition
from tests.support.notifications import LIMIT
from tests.support.pictures import MovingPicture


class Recorder:
    """A sink that keeps its pictures."""

    def __init__(self) -> None:
        self.pictures: list[JpegPicture] = []

    def push_jpeg(self, picture: JpegPicture) -> None:
        self.pictures.append(picture)


class Bench:
    """A JPEG rendition and its frames."""

    def __init__(self) -> None:
        self.errors: list[ContractError] = []
        self._frames = FrameTee()
        self._picture = MovingPicture()
        self._number = 0
        self._before = set(threading.enumerate())
        self.rendition = JpegRendition(self._frames, self.errors.append)

    @property
    def threads(self) -> set[threading.Thread]:
        """The threads that were started since."""
        return set(threading.enumerate()) - self._before

    async def show(self, until: Callable[[], bool]) -> None:
        """Put a frame every few milliseconds until the condition holds."""
        async with asyncio.timeout(LIMIT):
            while not until():
                self._number += 1
                self._frames.put(self._picture.frame(self._number))
                await asyncio.sleep(0.005)


async def test_subscriptions_share_one_thread_that_ends_with_the_last() -> None:
    bench, first, second = Bench(), Recorder(), Recorder()
    subscriptions = bench.rendition.subscribe(first), bench.rendition.subscribe(second)
    await bench.show(lambda: bool(first.pictures and second.pictures))
    assert first.pictures[-1].data.startswith(b"\xff\xd8\xff")
    assert first.pictures[-1] is second.pictures[-1]
    assert len(bench.threads) == 1
    for subscription in subscriptions:
        subscription.close()
    assert bench.rendition.subscription_count == 0
    await bench.show(lambda: not bench.threads)
    assert bench.errors == []


async def test_a_closed_subscription_delivers_nothing_and_closing_it_again_leaves_the_others_alone() -> None:
    bench, stays, leaves = Bench(), Recorder(), Recorder()
    staying, leaving = bench.rendition.subscribe(stays), bench.rendition.subscribe(leaves)
    await bench.show(lambda: bool(leaves.pictures))
    for _ in range(2):
        leaving.close()
    before = len(leaves.pictures), len(stays.pictures)
    await bench.show(lambda: len(stays.pictures) > before[1] + 2)
    assert len(leaves.pictures) == before[0]
    staying.close()
    await bench.show(lambda: not bench.threads)


async def test_the_thread_starts_again_for_a_later_subscription() -> None:
    bench, first, later = Bench(), Recorder(), Recorder()
    subscription = bench.rendition.subscribe(first)
    await bench.show(lambda: bool(first.pictures))
    subscription.close()
    again = bench.rendition.subscribe(later)
    await bench.show(lambda: bool(later.pictures))
    bench.rendition.close()
    again.close()
    await bench.show(lambda: not bench.threads)


async def test_a_failing_sink_keeps_no_picture_from_the_others(caplog: pytest.LogCaptureFixture) -> None:
    class Full(Recorder):
        def push_jpeg(self, picture: JpegPicture) -> None:
            raise RuntimeError("the disk is full")

    bench, other = Bench(), Recorder()
    subscriptions = bench.rendition.subscribe(Full()), bench.rendition.subscribe(other)
    await bench.show(lambda: len(other.pictures) >= 2)
    assert "the disk is full" in caplog.text
    for subscription in subscriptions:
        subscription.close()
    await bench.show(lambda: not bench.threads)
    assert bench.errors == []


async def test_a_sink_may_close_its_own_subscription_while_it_takes_a_picture() -> None:
    class Once(Recorder):
        def push_jpeg(self, picture: JpegPicture) -> None:
            super().push_jpeg(picture)
            leaving.close()

    bench, once, stays = Bench(), Once(), Recorder()
    leaving, staying = bench.rendition.subscribe(once), bench.rendition.subscribe(stays)
    await bench.show(lambda: len(stays.pictures) >= 3)
    assert len(once.pictures) == 1
    staying.close()
    await bench.show(lambda: not bench.threads)
