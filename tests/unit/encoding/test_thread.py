from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from sidecar.contract.errors import ContractError, EncoderFailedError
from sidecar.contract.types import FramesDropped
from sidecar.encoding.h264 import ENCODERS, EncoderType
from sidecar.encoding.settings import EncoderSettings
from sidecar.encoding.thread import EncoderThread
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame import Frame
from sidecar.media.frame_slot import FrameSlot
from tests.support.access_units import unit_of_payloads
from tests.support.pictures import HEIGHT, WIDTH, MovingPicture

LIMIT = 10.0  # seconds; what takes longer never comes


class WatchedSlot(FrameSlot):
    """A slot that tells when the encoder has taken a frame, and when it has waited in vain."""

    def __init__(self) -> None:
        super().__init__()
        self.on_taken: Callable[[], None] = lambda: None
        self._in_vain = threading.Semaphore(0)

    def take(self, timeout: float) -> Frame | None:
        frame = super().take(timeout)
        if frame is None:
            self._in_vain.release()
        else:
            self.on_taken()
        return frame

    def wait_for_empty_takes(self, count: int) -> None:
        while self._in_vain.acquire(blocking=False):
            pass
        for _ in range(count):
            assert self._in_vain.acquire(timeout=LIMIT)


class Bench:
    """An encoder thread between a slot that the test fills and a list that it looks at."""

    def __init__(self, settings: EncoderSettings, table: Sequence[EncoderType] = ENCODERS) -> None:
        self.slot = WatchedSlot()
        self.units: list[AccessUnit] = []
        self.errors: list[ContractError] = []
        self._changed = threading.Condition()
        self._picture = MovingPicture()
        self._number = 0
        self.thread = EncoderThread(self.slot, settings, self._deliver, self._failed, table)

    def _deliver(self, access_unit: AccessUnit) -> None:
        with self._changed:
            self.units.append(access_unit)
            self._changed.notify_all()

    def _failed(self, error: ContractError) -> None:
        with self._changed:
            self.errors.append(error)
            self._changed.notify_all()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, LIMIT)

    def frame(self) -> Frame:
        self._number += 1
        return replace(self._picture.frame(self._number), captured_at=time.monotonic())

    def show(self, frame: Frame | None = None) -> AccessUnit:
        """One frame in, its access unit out."""
        count = len(self.units)
        self.slot.put(frame or self.frame())
        self.wait_until(lambda: len(self.units) > count)
        return self.units[count]


@pytest.fixture
def start() -> Iterator[Callable[..., Bench]]:
    benches: list[Bench] = []

    def started(**settings: Any) -> Bench:
        bench = Bench(EncoderSettings(**settings))
        benches.append(bench)
        bench.thread.start()
        return bench

    yield started
    for bench in benches:
        assert bench.thread.stop(LIMIT)


def wait_for_drops(bench: Bench, counter: Callable[[FramesDropped], int], expected: int) -> None:
    """Wait until the counter has this value; a dropped frame causes no event, so the counter is read every 2 ms."""
    deadline = time.monotonic() + LIMIT
    while counter(bench.thread.frames_dropped()) != expected:
        assert time.monotonic() < deadline
        threading.Event().wait(0.002)


def no_viewer(dropped: FramesDropped) -> int:
    return dropped.no_viewer


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


def test_a_keyframe_asked_for_before_any_picture_waits_for_one(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.thread.request_keyframe()
    assert bench.show().keyframe
    assert len(bench.units) == 1


def test_nothing_is_encoded_while_nobody_watches_and_then_a_keyframe_comes(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.show()
    bench.thread.pause()
    for expected in range(1, 4):
        bench.slot.put(bench.frame())
        wait_for_drops(bench, no_viewer, expected)
    assert len(bench.units) == 1
    bench.thread.resume()
    bench.wait_until(lambda: len(bench.units) == 2)
    assert bench.units[1].keyframe, "the last picture, although no new one came"
    assert not bench.show().keyframe


def test_a_keyframe_asked_for_while_nobody_watches_is_not_encoded_before_somebody_does(
    start: Callable[..., Bench],
) -> None:
    bench = start()
    bench.show()
    bench.thread.pause()
    bench.thread.request_keyframe()
    bench.slot.wait_for_empty_takes(3)
    assert len(bench.units) == 1


def test_resuming_what_was_not_paused_costs_no_keyframe(start: Callable[..., Bench]) -> None:
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
        bench.slot.put(replace(base, captured_at=100 + number / 30))
        wait_for_drops(bench, lambda dropped: dropped.rate, number)
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


def test_the_latency_is_told_in_two_parts(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.show(replace(bench.frame(), captured_at=time.monotonic() - 5))
    stats = bench.thread.stats()
    assert stats.capture_to_encoder_ms.p50 is not None and stats.capture_to_encoder_ms.p95 is not None
    assert stats.encoding_ms.p50 is not None and stats.encoding_ms.p95 is not None
    assert stats.capture_to_encoder_ms.p50 >= 5000
    assert 0 < stats.encoding_ms.p50 < 1000 * LIMIT
    assert stats.capture_to_encoded_ms.p50 == pytest.approx(stats.capture_to_encoder_ms.p50 + stats.encoding_ms.p50)


def test_periodic_keyframes_come_when_they_were_asked_for(start: Callable[..., Bench]) -> None:
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
    bench.thread.set_scale(Fraction(1, 2))
    smaller = bench.show()
    assert (smaller.keyframe, smaller.width, smaller.height) == (True, WIDTH // 2, HEIGHT // 2)
    bench.thread.set_scale(Fraction(1, 2))
    assert not bench.show().keyframe
    stats = bench.thread.stats()
    assert (stats.width, stats.height) == (WIDTH // 2, HEIGHT // 2)


def test_closing_ends_the_thread_without_waiting(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.show()
    bench.thread.close()
    assert bench.slot.closed
    assert bench.thread.stop(LIMIT)
    assert not bench.errors


def test_a_frame_that_cannot_be_encoded_is_reported_and_ends_the_thread(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.slot.put(replace(bench.frame(), pixel_format="bayer_rggb8"))
    bench.wait_until(lambda: bool(bench.errors))
    assert isinstance(bench.errors[0], EncoderFailedError)
    assert bench.thread.stop(LIMIT)


def test_a_bug_is_reported_without_pythons_words(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.slot.put(replace(bench.frame(), planes=()))
    bench.wait_until(lambda: bool(bench.errors))
    assert bench.errors[0].message == "The encoder broke."
    assert bench.errors[0].__cause__ is None


def test_stopping_closes_the_slot_and_reports_no_failure(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.show()
    assert bench.thread.stop(LIMIT)
    assert bench.slot.closed
    assert bench.thread.stop(LIMIT), "a second time does no harm"
    assert not bench.errors


def test_a_closed_slot_ends_the_thread(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.show()
    (encoder,) = (thread for thread in threading.enumerate() if thread.name == "encoder")
    bench.slot.close()
    encoder.join(LIMIT)
    assert not encoder.is_alive()


def test_a_thread_that_never_started_stops() -> None:
    slot = FrameSlot()
    assert EncoderThread(slot, EncoderSettings(), lambda _: None, lambda _: None).stop(1.0)
    assert slot.closed


def test_stop_may_be_called_from_deliver() -> None:
    slot = FrameSlot()
    stopped = threading.Event()

    def deliver(_: AccessUnit) -> None:
        assert thread.stop(LIMIT)
        stopped.set()

    thread = EncoderThread(slot, EncoderSettings(), deliver, lambda _: None)
    thread.start()
    slot.put(MovingPicture().frame(0))
    assert stopped.wait(LIMIT)
    assert thread.stop(LIMIT)


class PlainEncoder:
    """An encoder without capabilities, whose pictures are empty."""

    def __init__(self, settings: EncoderSettings) -> None:
        self.target = settings.bitrate
        self.is_closed = False

    def encode(self, frame: Frame, *, keyframe: bool) -> AccessUnit:
        return unit_of_payloads(keyframe=keyframe, at=frame.captured_at, target_bitrate=self.target)

    def close(self) -> None:
        self.is_closed = True


def test_an_encoder_without_capabilities_keeps_its_bitrate_and_size_and_is_closed_at_the_end() -> None:
    made: list[PlainEncoder] = []

    def create(settings: EncoderSettings) -> PlainEncoder:
        made.append(PlainEncoder(settings))
        return made[0]

    table = (EncoderType("plain", lambda: create, lambda: True),)
    bench = Bench(EncoderSettings(encoder="plain", bitrate=400_000), table)
    bench.thread.start()
    assert bench.show().target_bitrate == 400_000
    bench.thread.set_bitrate(100_000)
    bench.thread.set_scale(Fraction(1, 2))
    unit = bench.show()
    assert (unit.target_bitrate, unit.keyframe) == (400_000, True)
    assert bench.thread.stop(LIMIT)
    assert made[0].is_closed


def test_an_encoder_that_is_not_in_the_table_is_reported_with_the_first_frame(start: Callable[..., Bench]) -> None:
    bench = start(encoder="libx999")
    bench.slot.put(bench.frame())
    bench.wait_until(lambda: bool(bench.errors))
    assert isinstance(bench.errors[0], EncoderFailedError)
    assert "libx999" in bench.errors[0].message


def test_what_breaks_after_stop_is_no_failure() -> None:
    slot = FrameSlot()
    errors: list[ContractError] = []
    stopped = threading.Event()

    def deliver(_: AccessUnit) -> None:
        thread.stop(0)
        stopped.set()
        raise RuntimeError("the loop is closed")

    thread = EncoderThread(slot, EncoderSettings(), deliver, errors.append)
    thread.start()
    slot.put(MovingPicture().frame(0))
    assert stopped.wait(LIMIT)
    assert thread.stop(LIMIT)
    assert not errors
