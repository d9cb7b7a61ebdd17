"""Sessions and the streams that they share: opening, releasing, states and limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import RequestedFormat
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.policy import CameraPolicy
from sidecar.contract.errors import (
    CameraBusyError,
    CameraFailedError,
    CameraNotFoundError,
    ContractError,
    LimitExceededError,
    SessionNotFoundError,
    ShuttingDownError,
    SourceNotAllowedError,
)
from sidecar.contract.types import EncodingOptions
from sidecar.streams.policy import StreamPolicy
from sidecar.streams.sessions import Session, Sessions
from tests.support.faulty_cameras import FaultyCatalogue
from tests.support.notifications import LIMIT, Notifications
from tests.support.watching_sink import WatchingSink

SMALL = RequestedFormat(width=320, height=180, fps=30)


@pytest.fixture
async def faulty(notifications: Notifications) -> AsyncIterator[tuple[Sessions, FaultyCatalogue]]:
    """Sessions with a catalogue that has faults."""
    catalogue = FaultyCatalogue()
    sessions = Sessions(Drivers(catalogue), notifications)
    yield sessions, catalogue
    await sessions.aclose()


async def open_pattern(sessions: Sessions) -> Session:
    return await sessions.open("test:pattern", SMALL, EncodingOptions())


async def test_a_camera_is_opened_once_for_two_sessions(sessions: Sessions) -> None:
    first, second = await open_pattern(sessions), await open_pattern(sessions)
    assert first.session_id != second.session_id
    assert first.stream is second.stream
    assert len(sessions.streams.stats()) == 1


async def test_the_release_of_the_last_camera_is_reported(notifications: Notifications) -> None:
    idle: list[bool] = []
    sessions = Sessions(
        Drivers(FaultyCatalogue()), notifications, on_idle=lambda: idle.append(sessions.streams.any_open)
    )
    first, second = await open_pattern(sessions), await open_pattern(sessions)
    other = await sessions.open("test:pattern-2", SMALL, EncodingOptions())
    await sessions.close(first.session_id)
    await sessions.close(second.session_id)
    assert idle == []
    await sessions.close(other.session_id)
    assert idle == [False]
    await sessions.aclose()


async def test_sessions_that_start_together_open_the_camera_once(sessions: Sessions) -> None:
    started = await asyncio.gather(*(open_pattern(sessions) for _ in range(5)))
    assert len({id(session.stream) for session in started}) == 1


async def test_a_camera_is_released_with_its_last_session(sessions: Sessions) -> None:
    first, second = await open_pattern(sessions), await open_pattern(sessions)
    assert not (await sessions.close(first.session_id)).camera_released
    assert sessions.streams.is_open("test:pattern")
    assert (await sessions.close(second.session_id)).camera_released
    assert not sessions.streams.is_open("test:pattern")


async def test_stopping_twice_is_no_error(sessions: Sessions) -> None:
    session = await open_pattern(sessions)
    assert not (await sessions.close(session.session_id)).already_stopped
    again = await sessions.close(session.session_id)
    assert again.already_stopped
    assert again.camera_released


async def test_an_unknown_session_is_an_error(sessions: Sessions) -> None:
    with pytest.raises(SessionNotFoundError):
        await sessions.close("nobody")


async def test_an_unknown_camera_is_an_error_and_changes_nothing(sessions: Sessions) -> None:
    with pytest.raises(CameraNotFoundError):
        await sessions.open("usb:nobody", SMALL, EncodingOptions())
    assert sessions.streams.stats() == []


async def test_states_are_notified_for_each_session(sessions: Sessions, notifications: Notifications) -> None:
    first = await open_pattern(sessions)
    await notifications.wait_for("camera_state", lambda state: state["state"] == "streaming")
    second = await open_pattern(sessions)
    await sessions.close(first.session_id)
    told = [(state["session_id"], state["state"]) for state in notifications.of("camera_state")]
    assert told == [
        (first.session_id, "opening"),
        (first.session_id, "streaming"),
        (second.session_id, "streaming"),
        (first.session_id, "stopped"),
    ]


async def test_encoding_begins_with_the_first_subscription(sessions: Sessions, notifications: Notifications) -> None:
    session = await open_pattern(sessions)
    await notifications.wait_for("camera_state", lambda state: state["state"] == "streaming")
    assert session.stream.stats().frames_encoded == 0
    screen = WatchingSink()
    session.stream.subscribe(screen)
    assert (await screen.next()).keyframe


async def test_a_late_viewer_gets_a_keyframe(sessions: Sessions) -> None:
    session = await open_pattern(sessions)
    early, late = WatchingSink(), WatchingSink()
    session.stream.subscribe(early)
    await early.next()
    session.stream.subscribe(late)
    async with asyncio.timeout(LIMIT):
        while not (await late.next()).keyframe:
            pass
    assert [unit.rtp_timestamp for unit in late.units] == [
        unit.rtp_timestamp for unit in early.units[-len(late.units) :]
    ]


async def test_a_viewer_that_leaves_does_not_disturb_the_others(sessions: Sessions) -> None:
    session = await open_pattern(sessions)
    stays, goes = WatchingSink(), WatchingSink()
    session.stream.subscribe(stays)
    subscription = session.stream.subscribe(goes)
    await goes.next()
    subscription.close()
    count = len(goes.units)
    for _ in range(3):
        await stays.next()
    assert len(goes.units) == count


async def test_a_camera_that_does_not_open_is_notified_as_failed(notifications: Notifications) -> None:
    catalogue = FaultyCatalogue()
    sessions = Sessions(Drivers(catalogue), notifications)
    catalogue.answers.append(CameraBusyError("another program holds it"))
    with pytest.raises(CameraBusyError):
        await open_pattern(sessions)
    assert [state["state"] for state in notifications.of("camera_state")] == ["opening", "failed"]
    assert not sessions.streams.is_open("test:pattern")


async def test_a_viewer_goes_on_with_the_same_session_when_the_camera_was_away(
    faulty: tuple[Sessions, FaultyCatalogue], notifications: Notifications
) -> None:
    sessions, catalogue = faulty
    session = await open_pattern(sessions)
    screen = WatchingSink()
    session.stream.subscribe(screen)
    await screen.next()
    catalogue.is_there = False
    catalogue.opened[0].broken = True
    lost = await notifications.wait_for("camera_state", lambda state: state["state"] == "lost")
    assert (lost["reason"], lost["session_id"]) == ("the camera was unplugged", session.session_id)
    assert lost["hint"]
    await notifications.wait_for("camera_state", lambda state: state["reason"] == "Test picture is not there.")
    away = await screen.next()
    assert (away.width, away.height) == (320, 180)
    catalogue.is_there = True
    sessions.streams.retry_lost_cameras()
    await notifications.wait_for_count("camera_state", 2, lambda state: state["state"] == "streaming")
    await screen.next()
    times = [unit.captured_at for unit in screen.units]
    assert times == sorted(times)
    assert sessions.get(session.session_id) is session
    assert session.stream.stats().state == "streaming"
    await sessions.close(session.session_id)
    assert catalogue.opened[1].closed.is_set()


async def test_a_camera_that_comes_back_larger_is_encoded_larger_from_a_keyframe_on(
    faulty: tuple[Sessions, FaultyCatalogue],
) -> None:
    sessions, catalogue = faulty
    session = await open_pattern(sessions)
    screen = WatchingSink()
    session.stream.subscribe(screen)
    await screen.next()
    catalogue.comes_back_as = RequestedFormat(width=640, height=360, fps=15)
    catalogue.opened[0].broken = True
    async with asyncio.timeout(LIMIT):
        while (unit := await screen.next()).width == 320:
            pass
    assert (unit.width, unit.height, unit.keyframe) == (640, 360, True)
    assert session.stream.change_encoding(None, None, None).fps == 15


async def test_a_session_that_comes_while_the_camera_is_away_shares_the_wait(
    faulty: tuple[Sessions, FaultyCatalogue], notifications: Notifications
) -> None:
    sessions, catalogue = faulty
    first = await open_pattern(sessions)
    catalogue.is_there = False
    catalogue.opened[0].broken = True
    await notifications.wait_for("camera_state", lambda state: state["reason"] == "Test picture is not there.")
    second = await open_pattern(sessions)
    assert second.stream is first.stream
    told = [state for state in notifications.of("camera_state") if state["session_id"] == second.session_id]
    assert [(state["state"], state["reason"]) for state in told] == [("recovering", "Test picture is not there.")]
    for session in (first, second):
        await sessions.close(session.session_id)
    assert not sessions.streams.is_open("test:pattern")
    assert notifications.of("camera_state")[-1]["state"] == "stopped"


async def test_a_camera_that_is_given_up_ends_its_sessions_and_is_released(
    faulty: tuple[Sessions, FaultyCatalogue], notifications: Notifications
) -> None:
    sessions, catalogue = faulty
    ended: list[ContractError | None] = []
    session = await sessions.open("test:pattern", SMALL, EncodingOptions(), on_ended=ended.append)
    catalogue.answers.append(SourceNotAllowedError("not allowed any more"))
    catalogue.opened[0].broken = True
    failed = await notifications.wait_for("camera_state", lambda state: state["state"] == "failed")
    assert (failed["reason"], failed["session_id"]) == ("not allowed any more", session.session_id)
    assert failed["hint"]
    assert [type(error) for error in ended] == [SourceNotAllowedError]
    again = await open_pattern(sessions)
    assert again.stream is not session.stream
    assert (await sessions.close(session.session_id)).already_stopped


async def test_a_driver_that_hangs_is_an_error_and_its_camera_is_closed_when_it_comes_back(
    notifications: Notifications,
) -> None:
    catalogue = FaultyCatalogue()
    sessions = Sessions(Drivers(catalogue, CameraPolicy(open_timeout=0.05)), notifications)
    catalogue.go_on.clear()
    with pytest.raises(CameraFailedError, match="did not open"):
        await open_pattern(sessions)
    with pytest.raises(CameraFailedError, match="does not answer"):
        await open_pattern(sessions)
    catalogue.go_on.set()
    assert await asyncio.to_thread(catalogue.came_back.wait, LIMIT)
    assert await asyncio.to_thread(catalogue.opened[0].closed.wait, LIMIT)
    assert not sessions.streams.is_open("test:pattern")


async def test_more_sessions_than_the_limit_are_refused(notifications: Notifications) -> None:
    sessions = Sessions(Drivers(Catalogue()), notifications, policy=StreamPolicy(max_sessions=2))
    await open_pattern(sessions)
    await open_pattern(sessions)
    with pytest.raises(LimitExceededError) as refused:
        await open_pattern(sessions)
    assert refused.value.details == {"limit": "sessions", "maximum": 2}
    await sessions.aclose()


async def test_nothing_is_opened_after_the_end(sessions: Sessions) -> None:
    session = await open_pattern(sessions)
    await sessions.aclose()
    assert not sessions.streams.is_open("test:pattern")
    with pytest.raises(ShuttingDownError):
        await open_pattern(sessions)
    assert (await sessions.close(session.session_id)).already_stopped


async def test_a_camera_that_opens_while_the_sessions_end_is_released(
    faulty: tuple[Sessions, FaultyCatalogue], notifications: Notifications
) -> None:
    sessions, catalogue = faulty
    catalogue.go_on.clear()
    opening = asyncio.create_task(open_pattern(sessions))
    await notifications.wait_for("camera_state", lambda state: state["state"] == "opening")
    await sessions.aclose()
    catalogue.go_on.set()
    with pytest.raises(ShuttingDownError):
        await opening
    assert not sessions.streams.any_open
    assert await asyncio.to_thread(catalogue.opened[0].closed.wait, LIMIT)
