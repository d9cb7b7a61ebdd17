"""Another format of an open camera, and what else changes the pictures: set_encoding, narrow links, the statistics."""

from __future__ import annotations

from sidecar.cameras.device import RequestedFormat
from sidecar.contract.types import EncodingOptions
from sidecar.streams.bitrate import default_bitrate
from sidecar.streams.sessions import Session, Sessions
from tests.support.watching_sink import WatchingSink

SMALL = RequestedFormat(320, 180, 30)


async def watched(sessions: Sessions, bitrate: int | None = None) -> tuple[Session, WatchingSink]:
    session = await sessions.open("test:pattern", SMALL, EncodingOptions(bitrate=bitrate))
    screen = WatchingSink()
    session.stream.subscribe(screen)
    return session, screen


async def test_the_new_size_begins_with_a_keyframe_and_the_time_stamps_go_on(sessions: Sessions) -> None:
    session, screen = await watched(sessions)
    await screen.until((320, 180))
    await session.stream.set_format(RequestedFormat(640, 360))
    await screen.until((640, 360))
    assert screen.sizes == {(320, 180), (640, 360)}
    first_large = next(unit for unit in screen.units if unit.width == 640)
    assert first_large.keyframe
    stamps = [unit.rtp_timestamp for unit in screen.units]
    assert stamps == sorted(set(stamps))


async def test_the_bitrate_follows_the_size_unless_a_client_has_asked_for_one(sessions: Sessions) -> None:
    session, screen = await watched(sessions)
    await screen.until((320, 180))
    await session.stream.set_format(RequestedFormat(640, 360))
    assert (await screen.until((640, 360))).target_bitrate == default_bitrate(640, 360, 30)
    session.stream.change_encoding(700_000, None, None)
    await session.stream.set_format(RequestedFormat(320, 180))
    assert (await screen.until((320, 180))).target_bitrate == 700_000


async def test_a_rate_of_set_encoding_stays_the_highest_that_is_encoded(sessions: Sessions) -> None:
    session, screen = await watched(sessions)
    await screen.until((320, 180))
    assert session.stream.change_encoding(None, None, 10).fps == 10
    await session.stream.set_format(RequestedFormat(fps=5))
    assert session.stream.change_encoding(None, None, None).fps == 5
    await session.stream.set_format(RequestedFormat(fps=60))
    assert session.stream.change_encoding(None, None, None).fps == 10
    assert session.stream.format.fps == 60


async def test_on_a_narrow_link_no_frame_has_the_scale_of_the_other_format(sessions: Sessions) -> None:
    session, screen = await watched(sessions, bitrate=50_000)
    for wanted, shown in (((320, 180), (320, 180)), ((640, 480), (480, 360)), ((320, 180), (320, 180))):
        await session.stream.set_format(RequestedFormat(*wanted))
        await screen.until(shown)
    assert screen.sizes == {(320, 180), (480, 360)}


async def test_frames_left_out_are_counted_as_such(sessions: Sessions) -> None:
    session, screen = await watched(sessions)
    await screen.until((320, 180))
    await session.stream.set_format(RequestedFormat(fps=10))
    await screen.more(5)
    stats = session.stream.stats()
    assert (stats.wanted_fps, stats.format.fps) == (10, 10)
    assert stats.frames_dropped.rate >= 6
    assert stats.frames_captured >= stats.frames_encoded + stats.frames_dropped.rate
