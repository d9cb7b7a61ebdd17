"""Another format of a camera while it is open: what is opened, what is shown, and what a refusal leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sidecar.cameras.device import Device, Format, RequestedFormat
from sidecar.cameras.format_requests import FormatRequests
from sidecar.cameras.policy import CameraPolicy, RetryPolicy, StallPolicy
from sidecar.contract.errors import (
    CameraBusyError,
    CameraFailedError,
    CameraNotFoundError,
    EncoderFailedError,
    InvalidStateError,
)
from tests.support.faulty_cameras import FaultyCatalogue
from tests.support.notifications import LIMIT
from tests.support.watched_source import Watched, is_placeholder

SMALL, LARGE = Format(64, 36, 60.0, "yuv420p"), Format(128, 72, 60.0, "yuv420p")
TO_LARGE = RequestedFormat(128, 72)
EAGER = CameraPolicy(placeholder_fps=40.0, retries=RetryPolicy(first_delay=0.01, longest_delay=0.02))


@pytest.fixture
async def streaming() -> AsyncIterator[Watched]:
    """A camera that streams at 64x36 and 60 frames per second."""
    watched = Watched(FaultyCatalogue(), EAGER)
    await watched.open()
    watched.source.start()
    await watched.until("streaming")
    yield watched
    watched.catalogue.go_on.set()
    await watched.source.stop()


async def sizes_until(watched: Watched, size: tuple[int, int]) -> set[tuple[int, int]]:
    """The sizes of the camera's frames until one of this size."""
    sizes: set[tuple[int, int]] = set()
    async with asyncio.timeout(LIMIT):
        while size not in sizes:
            frame = await watched.next_frame()
            if not is_placeholder(frame):
                sizes.add((frame.width, frame.height))
    return sizes


async def lose_for_good(watched: Watched) -> None:
    """Lose the camera until `is_there` is set again."""
    watched.catalogue.is_there = False
    watched.lose()
    async with asyncio.timeout(LIMIT):
        while watched.source.state != "recovering":
            await watched.next_frame()


# -- changes ----------------------------------------------------------------------------------------------------------


async def test_another_size_opens_the_camera_again_and_no_frame_has_a_third_size(streaming: Watched) -> None:
    for wanted, in_force in ((TO_LARGE, LARGE), (RequestedFormat(64, 36), SMALL)):
        assert await streaming.source.set_format(wanted) == in_force
        assert streaming.source.format == in_force
        assert await sizes_until(streaming, (in_force.width, in_force.height)) <= {(64, 36), (128, 72)}
    assert streaming.formats == [LARGE, SMALL]
    assert streaming.states == ["streaming"]
    assert [camera.closed.is_set() for camera in streaming.catalogue.opened] == [True, True, False]


async def test_a_lower_rate_leaves_frames_out_and_a_rate_within_the_camera_s_ends_that(streaming: Watched) -> None:
    assert (await streaming.source.set_format(RequestedFormat(fps=15))).fps == 15
    first = await streaming.next_frame()
    numbers = [(await streaming.next_frame()).number - first.number for _ in range(3)]
    assert numbers[-1] >= 9, "three of four frames are left out"
    assert streaming.source.frames_left_out >= 6
    assert (await streaming.source.set_format(RequestedFormat(fps=60))).fps == 60
    left_out = streaming.source.frames_left_out
    for _ in range(5):
        await streaming.next_frame()
    assert streaming.source.frames_left_out == left_out
    assert len(streaming.catalogue.opened) == 1
    assert [told.fps for told in streaming.formats] == [15, 60]


async def test_a_rate_above_the_camera_s_opens_it_again(streaming: Watched) -> None:
    assert (await streaming.source.set_format(RequestedFormat(fps=90))).fps == 90
    assert len(streaming.catalogue.opened) == 2


async def test_the_size_stays_with_a_rate_alone_and_the_rate_with_a_size_alone(streaming: Watched) -> None:
    await streaming.source.set_format(TO_LARGE)
    assert await streaming.source.set_format(RequestedFormat(fps=20)) == Format(128, 72, 20.0, "yuv420p")
    assert await streaming.source.set_format(RequestedFormat(64, 36)) == Format(64, 36, 20.0, "yuv420p")
    assert streaming.source.wanted_fps == 20


async def test_the_format_in_force_is_no_change(streaming: Watched) -> None:
    assert await streaming.source.set_format(RequestedFormat(64, 36, 60)) == SMALL
    assert await streaming.source.set_format(RequestedFormat()) == SMALL
    assert len(streaming.catalogue.opened) == 1
    assert streaming.formats == []


class UnlistedCatalogue(FaultyCatalogue):
    """The formats of its camera are not listed, as on macOS."""

    def nearest_format(self, device: Device, requested: RequestedFormat) -> Format | None:
        return None


async def test_a_camera_without_listed_formats_is_opened_once_for_a_format_that_it_has_not() -> None:
    watched = Watched(UnlistedCatalogue(), EAGER)
    await watched.open()
    watched.source.start()
    watched.catalogue.comes_back_as = RequestedFormat(128, 72, 60)
    for _ in range(2):
        assert await watched.source.set_format(RequestedFormat(100, 70, 90)) == LARGE
        assert len(watched.catalogue.opened) == 2
    watched.catalogue.comes_back_as = None
    assert await watched.source.set_format(RequestedFormat(64, 36, 60)) == SMALL
    await watched.source.stop()


async def test_requests_at_once_are_carried_out_in_their_order(streaming: Watched) -> None:
    wanted = (TO_LARGE, RequestedFormat(fps=30), RequestedFormat(96, 54), TO_LARGE)
    results = await asyncio.gather(*map(streaming.source.set_format, wanted))
    assert [(one.width, one.fps) for one in results] == [(128, 60), (128, 30), (96, 30), (128, 30)]
    assert streaming.formats == results


async def test_a_request_before_the_first_picture_is_carried_out(streaming: Watched) -> None:
    other = Watched(FaultyCatalogue(), EAGER)
    await other.open()
    other.source.start()
    assert other.source.state == "opening"
    assert await other.source.set_format(TO_LARGE) == LARGE
    await other.until("streaming")
    await other.source.stop()


# -- refusals ---------------------------------------------------------------------------------------------------------


async def test_a_driver_that_refuses_the_format_keeps_the_former_one_with_its_picture(streaming: Watched) -> None:
    streaming.catalogue.answers.append(CameraBusyError("another program holds it"))
    with pytest.raises(CameraBusyError):
        await streaming.source.set_format(TO_LARGE)
    captured = streaming.source.frames_captured
    assert await sizes_until(streaming, (64, 36)) == {(64, 36)}
    async with asyncio.timeout(LIMIT):
        while streaming.source.frames_captured < captured + 3:
            await streaming.next_frame()
    assert (streaming.source.format, streaming.formats, streaming.states) == (SMALL, [], ["streaming"])


async def test_a_refusal_keeps_the_limit_of_the_frame_rate(streaming: Watched) -> None:
    await streaming.source.set_format(RequestedFormat(fps=15))
    streaming.catalogue.answers.append(CameraFailedError("it does not like this"))
    with pytest.raises(CameraFailedError):
        await streaming.source.set_format(RequestedFormat(128, 72, 30))
    assert (streaming.source.format.fps, streaming.source.wanted_fps) == (15, 15)


async def test_a_camera_that_opens_at_neither_format_is_lost_and_returns_with_the_former(streaming: Watched) -> None:
    streaming.catalogue.answers.extend(CameraFailedError(reason) for reason in ("refused", "it is broken"))
    with pytest.raises(CameraFailedError, match="it is broken"):
        await streaming.source.set_format(TO_LARGE)
    await streaming.until("streaming", "lost", "recovering", "streaming")
    assert streaming.told[1] == ("lost", "it is broken")
    assert (streaming.source.format, streaming.formats) == (SMALL, [])


async def test_a_camera_that_has_ended_takes_no_request(streaming: Watched) -> None:
    streaming.source.fail(EncoderFailedError("the encoder broke"))
    with pytest.raises(InvalidStateError):
        await streaming.source.set_format(TO_LARGE)
    await streaming.source.stop()
    with pytest.raises(InvalidStateError):
        await streaming.source.set_format(TO_LARGE)


# -- ends during a change ---------------------------------------------------------------------------------------------


async def begin_change(watched: Watched, *wanted: RequestedFormat) -> list[asyncio.Task[Format]]:
    """Request formats, and wait until the first of them is being opened; the opening hangs."""
    watched.catalogue.go_on.clear()
    watched.catalogue.tried.clear()
    tasks = [asyncio.create_task(watched.source.set_format(one)) for one in wanted]
    assert await asyncio.to_thread(watched.catalogue.tried.wait, LIMIT)
    return tasks


async def test_a_camera_that_is_stopped_during_a_change_refuses_it_and_closes_what_opens_late(
    streaming: Watched,
) -> None:
    changes = await begin_change(streaming, TO_LARGE, RequestedFormat(fps=30))
    await streaming.source.stop()
    for change in changes:
        with pytest.raises(InvalidStateError):
            await change
    streaming.catalogue.came_back.clear()
    streaming.catalogue.go_on.set()
    assert await asyncio.to_thread(streaming.catalogue.came_back.wait, LIMIT)
    assert await asyncio.to_thread(streaming.catalogue.opened[-1].closed.wait, LIMIT)


async def test_a_camera_that_fails_during_a_change_refuses_it_with_the_reason(streaming: Watched) -> None:
    (change,) = await begin_change(streaming, TO_LARGE)
    streaming.source.fail(EncoderFailedError("the encoder broke"))
    with pytest.raises(EncoderFailedError):
        await change


async def test_a_requester_that_has_left_does_not_end_the_change(streaming: Watched) -> None:
    (change,) = await begin_change(streaming, TO_LARGE)
    change.cancel()
    streaming.catalogue.go_on.set()
    assert await streaming.until_format() == LARGE


async def test_a_camera_that_stalls_is_lost_however_often_a_format_is_requested() -> None:
    stalls = StallPolicy(limit=0.3, step=0.1)
    watched = Watched(FaultyCatalogue(), EAGER._replace(stop_timeout=0.05, stalls=stalls))
    await watched.open()
    watched.source.start()
    await watched.until("streaming")
    watched.catalogue.hangs = True
    watched.catalogue.go_on.clear()
    lost = asyncio.create_task(watched.until("streaming", "lost"))
    while not lost.done():
        await watched.source.set_format(RequestedFormat())
        await asyncio.wait([lost], timeout=0.02)
    await lost
    watched.catalogue.hangs = False
    watched.catalogue.go_on.set()
    await watched.source.stop()


# -- lost cameras -----------------------------------------------------------------------------------------------------


async def test_a_camera_that_is_lost_after_a_change_returns_with_the_new_format(streaming: Watched) -> None:
    await streaming.source.set_format(RequestedFormat(128, 72, 30))
    streaming.lose()
    await streaming.until("streaming", "lost", "recovering", "streaming")
    assert streaming.source.format == Format(128, 72, 30.0, "yuv420p")
    assert streaming.formats == [Format(128, 72, 30.0, "yuv420p")]


async def test_a_camera_that_returned_with_another_format_is_opened_again_for_the_former_one(
    streaming: Watched,
) -> None:
    await streaming.source.set_format(TO_LARGE)
    streaming.catalogue.comes_back_as = RequestedFormat(64, 36, 60)
    streaming.lose()
    await streaming.until("streaming", "lost", "recovering", "streaming")
    assert streaming.source.format == SMALL
    streaming.catalogue.comes_back_as = None
    assert await streaming.source.set_format(TO_LARGE) == LARGE


async def test_a_lost_camera_has_the_requested_format_when_it_returns(streaming: Watched) -> None:
    await lose_for_good(streaming)
    assert await streaming.source.set_format(RequestedFormat(128, 72, 30)) == SMALL, "the one in force until then"
    assert streaming.formats == []
    streaming.catalogue.is_there = True
    assert await streaming.until_format() == Format(128, 72, 30.0, "yuv420p")
    assert await sizes_until(streaming, (128, 72)) == {(128, 72)}


async def test_requests_for_a_lost_camera_add_up(streaming: Watched) -> None:
    await lose_for_good(streaming)
    for wanted in (TO_LARGE, RequestedFormat(fps=20)):
        await streaming.source.set_format(wanted)
    streaming.catalogue.is_there = True
    assert await streaming.until_format() == Format(128, 72, 20.0, "yuv420p")


async def test_requests_for_a_lost_camera_replace_those_that_they_cover() -> None:
    requests = FormatRequests()
    waiting = requests.add(RequestedFormat(fps=5))
    for width in range(100, 200):
        for wanted in (RequestedFormat(width, 90), RequestedFormat(fps=width), RequestedFormat()):
            requests.add(wanted).grant(SMALL)
    kept = [request.wanted for request in requests.all()]
    assert kept == [waiting.wanted, RequestedFormat(199, 90), RequestedFormat(fps=199), RequestedFormat()]
    last = requests.add(RequestedFormat(fps=30, height=60))
    assert requests.all() == (waiting, last)


async def test_a_request_while_a_lost_camera_is_being_opened_is_carried_out_afterwards(streaming: Watched) -> None:
    streaming.catalogue.tried.clear()
    streaming.catalogue.go_on.clear()
    streaming.lose()
    assert await asyncio.to_thread(streaming.catalogue.tried.wait, LIMIT)
    assert await streaming.source.set_format(TO_LARGE) == SMALL
    streaming.catalogue.go_on.set()
    assert await streaming.until_format() == LARGE


async def test_a_lost_camera_that_refuses_the_requested_format_returns_with_the_former(streaming: Watched) -> None:
    await lose_for_good(streaming)
    await streaming.source.set_format(TO_LARGE)
    streaming.catalogue.answers.append(CameraFailedError("it does not like this"))
    streaming.catalogue.is_there = True
    assert await sizes_until(streaming, (64, 36)) == {(64, 36)}
    assert (streaming.source.format, streaming.formats) == (SMALL, [])


async def test_a_request_that_waits_when_the_camera_is_lost_is_remembered(streaming: Watched) -> None:
    streaming.catalogue.answers.extend(CameraNotFoundError("it is gone") for _ in range(2))
    first, second = await asyncio.gather(
        streaming.source.set_format(TO_LARGE),
        streaming.source.set_format(RequestedFormat(96, 54)),
        return_exceptions=True,
    )
    assert isinstance(first, CameraNotFoundError)
    assert second == SMALL
    assert await streaming.until_format() == Format(96, 54, 60.0, "yuv420p")
