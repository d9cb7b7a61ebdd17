"""The encoder thread: frames in, access units out, as the viewers demand."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from tests.support.encoder_bench import LIMIT, Bench
from tests.support.pictures import HEIGHT, WIDTH, MovingPicture


def test_the_first_frame_is_a_keyframe_and_the_next_is_not(start: Callable[..., Bench]) -> None:
    bench = start()
    assert [bench.show().keyframe for _ in range(3)] == [True, False, False]


def test_a_requested_keyframe_is_the_next_frame(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.show()
    bench.thread.request_keyframe()
    assert bench.show().keyframe
    assert not bench.show().keyframe


def test_a_late_viewer_of_a_camera_that_stands_still_gets_the_last_picture_as_a_keyframe(
    start: Callable[..., Bench],
) -> None:
    bench = start()
    shown = bench.show()
    asked_at = time.monotonic()
    bench.thread.request_keyframe()
    bench.wait_until(lambda: len(bench.units) == 2)
    again = bench.units[1]
    assert again.keyframe
    assert again.captured_at >= asked_at
    assert 0 < (again.rtp_timestamp - shown.rtp_timestamp) % 2**32 < 90_000 * LIMIT
    latest = bench.show()
    assert 0 < (latest.rtp_timestamp - again.rtp_timestamp) % 2**32 < 90_000 * LIMIT
    assert not latest.keyframe


def test_a_keyframe_requested_before_the_first_frame_waits_for_it(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.thread.request_keyframe()
    assert bench.show().keyframe
    assert len(bench.units) == 1


def test_no_frame_is_encoded_while_paused_and_then_a_keyframe_comes(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.show()
    bench.thread.pause()
    for _ in range(3):
        bench.drop()
    assert bench.thread.frames_dropped().no_viewer == 3
    bench.thread.resume()
    bench.wait_until(lambda: len(bench.units) == 2)
    assert bench.units[1].keyframe, "the last picture, although no new one came"
    assert not bench.show().keyframe


def test_a_keyframe_requested_while_paused_is_not_encoded_before_resume(
    start: Callable[..., Bench],
) -> None:
    bench = start()
    bench.show()
    bench.thread.pause()
    bench.thread.request_keyframe()
    bench.slot.wait_for_empty_takes(3)
    assert len(bench.units) == 1


def test_resuming_without_a_pause_costs_no_keyframe(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.show()
    bench.thread.resume()
    assert not bench.show().keyframe


def test_a_lower_frame_rate_leaves_frames_out_and_counts_them(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.thread.set_fps(10)
    base = bench.frame()
    bench.show(replace(base, captured_at=100.0))
    for number in (1, 2):
        bench.drop(replace(base, captured_at=100 + number / 30))
    assert bench.thread.frames_dropped().rate == 2
    bench.show(replace(base, captured_at=100 + 3 / 30))
    bench.thread.set_fps(None)
    bench.show(replace(base, captured_at=100 + 4 / 30))
    assert bench.thread.stats().frames_encoded == 3


def test_a_requested_keyframe_does_not_wait_for_a_low_frame_rate(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.thread.set_fps(1)
    base = bench.frame()
    bench.show(replace(base, captured_at=100.0))
    bench.slot.on_taken = bench.thread.request_keyframe
    soon = bench.show(replace(base, captured_at=100.01))
    assert soon.keyframe
    assert soon.captured_at == 100.01


def test_the_latency_is_that_of_new_pictures_only(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.show(replace(bench.frame(), captured_at=time.monotonic() - 5))
    bench.thread.request_keyframe()
    bench.wait_until(lambda: len(bench.units) == 2)
    p50 = bench.thread.stats().capture_to_encoded_ms.p50
    assert p50 is not None and p50 >= 5000


def test_the_latency_has_two_parts(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.show(replace(bench.frame(), captured_at=time.monotonic() - 5))
    stats = bench.thread.stats()
    assert stats.capture_to_encoder_ms.p50 is not None and stats.capture_to_encoder_ms.p95 is not None
    assert stats.encoding_ms.p50 is not None and stats.encoding_ms.p95 is not None
    assert stats.capture_to_encoder_ms.p50 >= 5000
    assert 0 < stats.encoding_ms.p50 < 1000 * LIMIT
    assert stats.capture_to_encoded_ms.p50 == pytest.approx(stats.capture_to_encoder_ms.p50 + stats.encoding_ms.p50)


def test_periodic_keyframes_come_at_their_interval(start: Callable[..., Bench]) -> None:
    bench = start(keyframe_interval=0.2)
    began = time.monotonic()
    keyframes = 0
    while keyframes < 3:
        keyframes += bench.show().keyframe
    assert time.monotonic() - began >= 0.4


def test_the_statistics_add_up(start: Callable[..., Bench]) -> None:
    bench = start(bitrate=700_000)
    empty = bench.thread.stats()
    assert (empty.frames_encoded, empty.width, empty.fps, empty.capture_to_encoded_ms.p50) == (0, 0, 0, None)
    for _ in range(20):
        bench.show()
    bench.thread.set_bitrate(300_000)
    stats = bench.thread.stats()
    assert (stats.frames_encoded, stats.keyframes_encoded) == (20, 1)
    assert stats.bytes_encoded == sum(unit.size for unit in bench.units)
    assert (stats.width, stats.height, stats.target_bitrate) == (WIDTH, HEIGHT, 300_000)
    assert bench.thread.encoder == "libx264"
    assert 0 < stats.fps <= 20
    assert 0 < stats.bitrate <= 8 * stats.bytes_encoded
    assert stats.capture_to_encoded_ms.p50 is not None and stats.capture_to_encoded_ms.p95 is not None
    assert 0 < stats.capture_to_encoded_ms.p50 <= stats.capture_to_encoded_ms.p95 < 1000 * LIMIT


def test_a_new_bitrate_reaches_the_encoder(start: Callable[..., Bench]) -> None:
    bench = start(bitrate=1_500_000)
    picture = MovingPicture()

    def last_seconds_bits(first: int) -> int:
        units = [bench.show(picture.frame(number)) for number in range(first, first + 90)]
        return 8 * sum(unit.size for unit in units[60:])

    before = last_seconds_bits(0)
    bench.thread.set_bitrate(200_000)
    assert last_seconds_bits(90) < before / 3
    assert bench.thread.stats().keyframes_encoded == 1


def test_a_new_scale_comes_with_the_next_frame_as_a_keyframe(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.show()
    bench.thread.set_scale(Fraction(1, 2), (WIDTH, HEIGHT))
    smaller = bench.show()
    assert (smaller.keyframe, smaller.width, smaller.height) == (True, WIDTH // 2, HEIGHT // 2)
    bench.thread.set_scale(Fraction(1, 2), (WIDTH, HEIGHT))
    assert not bench.show().keyframe
    stats = bench.thread.stats()
    assert (stats.width, stats.height) == (WIDTH // 2, HEIGHT // 2)


def test_frames_of_the_size_before_keep_their_scale_until_those_of_the_new_size_come(
    start: Callable[..., Bench],
) -> None:
    bench = start()
    bench.thread.set_scale(Fraction(1, 2), (WIDTH, HEIGHT))
    bench.show()
    bench.thread.set_scale(Fraction(1), (WIDTH // 2, HEIGHT // 2))
    late = bench.show()
    assert (late.width, late.height) == (WIDTH // 2, HEIGHT // 2), "as all frames of this size before"
    bench.thread.set_scale(Fraction(3, 4), (WIDTH // 2, HEIGHT // 2))
    small = MovingPicture(WIDTH // 2, HEIGHT // 2).frame(0)
    shown = bench.show(replace(small, captured_at=time.monotonic()))
    assert (shown.keyframe, shown.width, shown.height) == (True, WIDTH * 3 // 8, HEIGHT * 3 // 8 & ~1)
    assert bench.show().width == WIDTH // 2


def test_the_frame_rate_of_the_camera_reaches_the_encoder(start: Callable[..., Bench]) -> None:
    bench = start(fps=30.0)
    bench.show()
    bench.thread.set_camera_fps(30.0)
    assert not bench.show().keyframe
    bench.thread.set_camera_fps(15.0)
    assert bench.show().keyframe
