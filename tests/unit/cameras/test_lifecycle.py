"""Every transition in the state diagram of ARCHITECTURE.md, and the frames that are shown meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pytest

from sidecar.cameras.device import RequestedFormat
from sidecar.cameras.drivers import DriverHangsError
from sidecar.cameras.policy import CameraPolicy, RetryPolicy, StallPolicy
from sidecar.contract.errors import (
    CameraBusyError,
    CameraFailedError,
    CameraNotFoundError,
    CameraPermissionDeniedError,
    ContractError,
    EncoderFailedError,
    SourceNotAllowedError,
)
from sidecar.contract.types import CameraStateName
from sidecar.media.frame import Frame
from tests.support.faulty_cameras import FaultyCatalogue
from tests.support.notifications import LIMIT
from tests.support.watched_source import Watched, is_placeholder

UNPLUGGED = "the camera was unplugged"


RETRIES = RetryPolicy(first_delay=0.01, longest_delay=0.02)
EAGER = CameraPolicy(placeholder_fps=40.0, retries=RETRIES)
"""A policy with short delays; test_retries.py tests the default delays."""

IMPATIENT = EAGER._replace(stop_timeout=0.05, stalls=StallPolicy(limit=0.2, step=0.05))
"""A policy that detects and abandons a hanging driver soon."""

impatient = pytest.mark.parametrize("policy", [IMPATIENT])


@pytest.fixture
def policy() -> CameraPolicy:
    return EAGER


@pytest.fixture
async def watched(policy: CameraPolicy) -> AsyncIterator[Watched]:
    watched = Watched(FaultyCatalogue(), policy)
    await watched.open()
    yield watched
    watched.catalogue.go_on.set()
    await watched.source.stop()


@pytest.fixture
async def streaming(watched: Watched) -> Watched:
    """A camera that streams."""
    watched.source.start()
    await watched.until("streaming")
    return watched


# -- the format ---------------------------------------------------------------------------------------------------


async def test_a_picture_that_changes_its_size_while_it_streams_is_told(streaming: Watched) -> None:
    before = streaming.source.format
    streaming.catalogue.opened[-1].is_doubled = True
    after = replace(before, width=2 * before.width, height=2 * before.height)
    assert await streaming.until_format() == after
    assert streaming.source.format == after
    streaming.catalogue.is_there = False
    streaming.lose()
    frame = await streaming.next_frame()
    while not is_placeholder(frame):
        frame = await streaming.next_frame()
    assert (frame.width, frame.height) == (after.width, after.height)


# -- from opening -----------------------------------------------------------------------------------------------------


async def test_opening_to_streaming_with_the_first_picture(watched: Watched) -> None:
    assert watched.source.state == "opening"
    watched.source.start()
    await watched.until("streaming")
    assert watched.told == [("streaming", None)]


async def test_opening_to_lost_when_it_breaks_before_the_first_picture(watched: Watched) -> None:
    watched.lose()
    watched.source.start()
    await watched.until("lost", "recovering", "streaming")
    assert watched.told[0] == ("lost", UNPLUGGED)


async def test_opening_to_stopped_without_a_picture(watched: Watched) -> None:
    await watched.source.stop()
    assert watched.source.state == "stopped"
    assert watched.catalogue.opened[0].closed.is_set()
    assert watched.told == []


# -- from streaming ---------------------------------------------------------------------------------------------------


async def test_streaming_to_lost_when_the_driver_says_so_and_back_by_itself(streaming: Watched) -> None:
    streaming.lose()
    await streaming.until("streaming", "lost", "recovering", "streaming")
    assert streaming.told[1:3] == [("lost", UNPLUGGED), ("recovering", UNPLUGGED)]
    assert streaming.catalogue.opened[0].closed.is_set()
    assert len(streaming.catalogue.opened) == 2


@impatient
async def test_streaming_to_lost_when_no_picture_comes(streaming: Watched) -> None:
    streaming.catalogue.hangs = True
    streaming.catalogue.go_on.clear()
    await streaming.until("streaming", "lost")
    assert "delivered no picture for" in (streaming.told[1][1] or "")


async def test_streaming_to_failed_when_the_encoder_fails(streaming: Watched) -> None:
    streaming.source.fail(EncoderFailedError("the encoder broke"))
    assert streaming.told[1:] == [("failed", "the encoder broke")]
    streaming.source.fail(EncoderFailedError("again"))
    streaming.lose()
    await streaming.source.stop()
    assert len(streaming.told) == 2, "failed is the end"


async def test_streaming_to_stopped(streaming: Watched) -> None:
    await streaming.source.stop()
    assert (streaming.source.state, streaming.states) == ("stopped", ["streaming"])
    assert streaming.catalogue.opened[0].closed.is_set()


# -- from lost --------------------------------------------------------------------------------------------------------


@impatient
async def test_lost_to_recovering_without_waiting_for_a_driver_that_hangs(streaming: Watched) -> None:
    streaming.catalogue.hangs = True
    streaming.catalogue.go_on.clear()
    await streaming.until("streaming", "lost", "recovering")
    assert not streaming.catalogue.go_on.is_set(), "the first read still hangs"


@impatient
async def test_lost_to_stopped_while_the_driver_hangs(streaming: Watched) -> None:
    streaming.catalogue.hangs = True
    streaming.catalogue.go_on.clear()
    await streaming.until("streaming", "lost")
    await streaming.source.stop()
    assert streaming.source.state == "stopped"
    assert streaming.states[-1] == "lost"


async def test_lost_to_failed_when_the_encoder_fails(streaming: Watched) -> None:
    def fail_at_once(state: CameraStateName) -> None:
        if state == "lost":
            asyncio.get_running_loop().call_soon(streaming.source.fail, EncoderFailedError("the encoder broke"))

    streaming.on_state = fail_at_once
    streaming.lose()
    await streaming.until("streaming", "lost", "failed")


# -- from recovering --------------------------------------------------------------------------------------------------


async def test_recovering_to_streaming_when_it_is_plugged_in_again(streaming: Watched) -> None:
    streaming.catalogue.is_there = False
    streaming.lose()
    await streaming.until("streaming", "lost", "recovering", "recovering")
    assert streaming.told[3] == ("recovering", "Test picture is not there.")
    streaming.catalogue.is_there = True
    await streaming.until("streaming", "lost", "recovering", "recovering", "streaming")
    assert streaming.source.problem is None


@pytest.mark.parametrize("policy", [EAGER._replace(retries=RetryPolicy(first_delay=1e6, longest_delay=1e6))])
async def test_recovering_to_streaming_at_once_when_the_system_tells_of_a_camera(streaming: Watched) -> None:
    streaming.catalogue.is_there = False
    streaming.lose()
    await streaming.until("streaming", "lost", "recovering", "recovering")
    streaming.catalogue.is_there = True
    streaming.source.try_now()
    await streaming.until("streaming", "lost", "recovering", "recovering", "streaming")


async def test_recovering_to_recovering_when_there_is_another_reason_and_only_then(streaming: Watched) -> None:
    busy = [CameraBusyError("another program holds it") for _ in range(5)]
    streaming.catalogue.answers.extend(busy)
    streaming.lose()
    await streaming.until("streaming", "lost", "recovering", "recovering", "streaming")
    assert streaming.told[3] == ("recovering", "another program holds it")


async def test_recovering_to_lost_when_it_breaks_before_the_first_picture(streaming: Watched) -> None:
    streaming.catalogue.breaks = True
    await streaming.until("streaming", "lost", "recovering", "lost", "recovering")
    streaming.catalogue.breaks = False
    async with asyncio.timeout(LIMIT):
        while streaming.source.state != "streaming":
            await streaming.next_frame()


@pytest.mark.parametrize("error", [SourceNotAllowedError("not allowed"), EncoderFailedError("no level allows it")])
async def test_recovering_to_failed_after_a_permanent_error(streaming: Watched, error: ContractError) -> None:
    streaming.catalogue.answers.append(error)
    streaming.lose()
    await streaming.until("streaming", "lost", "recovering", "failed")
    assert streaming.told[3] == ("failed", error.message)


@pytest.mark.parametrize("policy", [EAGER._replace(retries=RETRIES._replace(permission_patience=0.03))])
async def test_recovering_to_failed_when_the_camera_stays_forbidden(streaming: Watched) -> None:
    streaming.catalogue.answers.extend(CameraPermissionDeniedError("forbidden") for _ in range(100))
    streaming.lose()
    await streaming.until("streaming", "lost", "recovering", "recovering", "failed")
    assert streaming.catalogue.tries > 2, "udev may be about to allow it"


@impatient
async def test_recovering_to_failed_when_too_many_threads_hang_in_the_driver(streaming: Watched) -> None:
    streaming.catalogue.hangs = True
    streaming.catalogue.go_on.clear()
    again_and_again: list[CameraStateName] = ["lost", "recovering"] * IMPATIENT.max_hanging
    await streaming.until("streaming", *again_and_again, "failed")
    assert isinstance(streaming.source.problem, DriverHangsError)
    assert len(streaming.catalogue.opened) == IMPATIENT.max_hanging


async def test_recovering_to_stopped_closes_a_camera_that_opens_too_late(streaming: Watched) -> None:
    streaming.catalogue.go_on.clear()
    streaming.lose()
    await streaming.until("streaming", "lost", "recovering")
    async with asyncio.timeout(LIMIT):
        while streaming.catalogue.tries < 2:
            await streaming.next_frame()
    await streaming.source.stop()
    streaming.catalogue.came_back.clear()
    streaming.catalogue.go_on.set()
    assert await asyncio.to_thread(streaming.catalogue.came_back.wait, LIMIT)
    assert await asyncio.to_thread(streaming.catalogue.opened[-1].closed.wait, LIMIT)
    assert streaming.states == ["streaming", "lost", "recovering"]


async def test_failed_to_stopped(streaming: Watched) -> None:
    streaming.source.fail(EncoderFailedError("the encoder broke"))
    await streaming.source.stop()
    assert streaming.source.state == "stopped"
    assert streaming.catalogue.opened[0].closed.is_set()


# -- the frames -------------------------------------------------------------------------------------------------------


async def test_a_placeholder_of_the_camera_s_size_is_shown_while_it_is_away(streaming: Watched) -> None:
    streaming.catalogue.is_there = False
    streaming.lose()
    frames: list[Frame] = []
    async with asyncio.timeout(LIMIT):
        while len(frames) < 3:
            frame = await streaming.next_frame()
            if is_placeholder(frame):
                frames.append(frame)
    assert {(frame.width, frame.height) for frame in frames} == {(64, 36)}
    assert not np.array_equal(frames[0].planes[0], frames[1].planes[0]), "it is seen to live"
    captured = streaming.source.frames_captured
    streaming.catalogue.is_there = True
    await streaming.until("streaming", "lost", "recovering", "recovering", "streaming")
    async with asyncio.timeout(LIMIT):
        while is_placeholder(await streaming.next_frame()):
            pass
    for _ in range(10):  # a placeholder would be among so many
        assert not is_placeholder(await streaming.next_frame()), "the placeholder has ended"
    assert streaming.source.frames_captured > captured


async def test_a_camera_that_comes_back_with_another_format_is_taken_as_it_is(streaming: Watched) -> None:
    streaming.catalogue.comes_back_as = RequestedFormat(128, 72, 30)
    streaming.lose()
    await streaming.until("streaming", "lost", "recovering", "streaming")
    assert (streaming.source.format.width, streaming.source.format.height) == (128, 72)
    streaming.catalogue.comes_back_as = None
    streaming.lose()
    await streaming.until("streaming", "lost", "recovering", "streaming", "lost", "recovering", "streaming")
    assert (streaming.source.format.width, streaming.source.format.fps) == (64, 60)


async def test_pictures_are_counted_across_losses_and_the_placeholder_s_are_not(streaming: Watched) -> None:
    streaming.catalogue.is_there = False
    streaming.lose()
    await streaming.until("streaming", "lost", "recovering", "recovering")
    captured = streaming.source.frames_captured
    while not is_placeholder(await streaming.next_frame()):
        pass
    await streaming.next_frame()
    assert streaming.source.frames_captured == captured > 0


async def test_a_camera_not_found_keeps_the_hint_to_plug_it_in(streaming: Watched) -> None:
    streaming.catalogue.is_there = False
    streaming.lose()
    await streaming.until("streaming", "lost", "recovering", "recovering")
    assert isinstance(streaming.source.problem, CameraNotFoundError)
    assert streaming.source.problem.hint == "Plug the camera in again."


async def test_a_fault_of_our_own_ends_in_failed_not_in_silence(
    streaming: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("sidecar.cameras.pattern.placeholder.Placeholder", refuse)
    streaming.lose()
    await streaming.until("streaming", "lost", "failed")
    assert isinstance(streaming.source.problem, CameraFailedError)
    assert "can't start new thread" in caplog.text
