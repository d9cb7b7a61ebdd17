"""The capture thread, and closing a camera while the thread reads."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import numpy as np
import pytest

from sidecar.cameras.camera import GuardedCamera
from sidecar.cameras.capture import CaptureThread
from sidecar.cameras.device import Format, RequestedFormat
from sidecar.cameras.pattern.test_pattern import TestPattern
from sidecar.contract.errors import CameraFailedError, ContractError
from sidecar.media.frame import Frame
from sidecar.media.frame_slot import FrameSlot

LIMIT = 10.0


class ScriptedCamera(GuardedCamera):
    """A camera with scripted reads. It records the names of the threads that release it."""

    def __init__(self, *reads: Callable[[], object]) -> None:
        super().__init__()
        self._reads = iter(reads)
        self.reading = threading.Event()
        self.released_by: list[str] = []
        self.released = threading.Event()
        self.woken = threading.Event()

    @property
    def format(self) -> Format:
        return Format(2, 2, 30.0, "gray")

    def _next_frame(self) -> Frame:
        self.reading.set()
        next(self._reads)()
        return Frame((np.zeros((2, 2), np.uint8),), "gray", 2, 2, 0, captured_at=0.0)

    def _wake(self) -> None:
        self.woken.set()

    def _release(self) -> None:
        self.released_by.append(threading.current_thread().name)
        self.released.set()


class DecodingCamera(ScriptedCamera):
    """A camera whose scripted reads decode, without a wait for a device."""

    def _next_frame(self) -> Frame:
        with self._calculation():
            return super()._next_frame()


def unplugged() -> None:
    raise CameraFailedError("It was unplugged.")


def broken() -> None:
    raise ZeroDivisionError


def test_pictures_go_into_the_slot_until_the_thread_is_stopped() -> None:
    slot = FrameSlot()
    capture = CaptureThread(TestPattern(RequestedFormat(64, 36, 120)), slot, on_lost=lambda error: None)
    capture.start()
    numbers = [taken.number for _ in range(5) if (taken := slot.take(LIMIT)) is not None]
    assert capture.stop(LIMIT)
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 5
    assert capture.frames_captured >= 5


def test_the_first_picture_is_reported_once() -> None:
    reports: queue.Queue[str] = queue.Queue()
    slot = FrameSlot()
    capture = CaptureThread(
        TestPattern(RequestedFormat(64, 36, 120)),
        slot,
        on_lost=lambda error: None,
        on_first_frame=lambda: reports.put("first"),
    )
    capture.start()
    assert reports.get(timeout=LIMIT) == "first"
    while capture.frames_captured < 3:
        slot.take(LIMIT)
    assert capture.stop(LIMIT)
    assert reports.empty()


class ResizingCamera(ScriptedCamera):
    """A camera with frames of these widths; after the last frame it fails."""

    def __init__(self, *widths: int) -> None:
        super().__init__()
        self._widths = iter(widths)

    def _next_frame(self) -> Frame:
        width = next(self._widths, None)
        if width is None:
            raise CameraFailedError("It was unplugged.")
        return Frame((np.zeros((2, width), np.uint8),), "gray", width, 2, 0, captured_at=0.0)


def test_a_size_is_reported_before_the_first_picture_that_has_it() -> None:
    reports: list[object] = []
    lost = threading.Event()

    class Sink:
        def put(self, frame: Frame) -> None:
            reports.append(frame.width)

    capture = CaptureThread(
        ResizingCamera(2, 2, 8, 8, 4), Sink(), on_lost=lambda error: lost.set(), on_size=reports.append
    )
    capture.start()
    assert lost.wait(LIMIT)
    assert reports == [2, 2, (8, 2), 8, 8, (4, 2), 4]


@pytest.mark.parametrize("failure", [unplugged, broken])
def test_a_lost_camera_is_released_and_then_reported(failure: Callable[[], None]) -> None:
    camera = ScriptedCamera(lambda: None, failure)
    reports: queue.Queue[tuple[ContractError, int]] = queue.Queue()
    capture = CaptureThread(camera, FrameSlot(), lambda error: reports.put((error, len(camera.released_by))))
    capture.start()
    error, releases = reports.get(timeout=LIMIT)
    assert isinstance(error, CameraFailedError)
    assert releases == 1
    assert capture.stop(LIMIT)
    assert capture.frames_captured == 1
    assert reports.empty()


def test_a_stopped_camera_is_not_reported_as_lost() -> None:
    errors: list[ContractError] = []
    capture = CaptureThread(TestPattern(RequestedFormat(64, 36, 1)), FrameSlot(), errors.append)
    capture.start()
    assert capture.stop(LIMIT)
    assert capture.stop(LIMIT)
    assert errors == []


def test_a_thread_that_never_started_still_releases_its_camera() -> None:
    camera = ScriptedCamera()
    assert CaptureThread(camera, FrameSlot(), lambda error: None).stop(LIMIT)
    assert len(camera.released_by) == 1


def test_a_thread_that_hangs_in_the_driver_is_abandoned_and_releases_when_it_returns() -> None:
    driver_returns = threading.Event()
    camera = ScriptedCamera(lambda: driver_returns.wait(LIMIT))
    camera.release_timeout = 0.01
    capture = CaptureThread(camera, FrameSlot(), lambda error: None)
    capture.start()
    assert camera.reading.wait(LIMIT)
    assert capture.stop(timeout=0.01) is False
    assert camera.released_by == [], "the driver is in use: nobody else may call it"
    driver_returns.set()
    assert camera.released.wait(LIMIT)
    assert camera.released_by == ["camera-capture"]


def test_a_thread_that_calculates_is_not_waited_for_and_releases_after_the_picture() -> None:
    is_decoding, may_end = threading.Event(), threading.Event()

    def decode() -> None:
        is_decoding.set()
        may_end.wait(LIMIT)

    camera = DecodingCamera(decode)
    capture = CaptureThread(camera, FrameSlot(), lambda error: None)
    capture.start()
    assert is_decoding.wait(LIMIT)
    assert capture.stop(timeout=threading.TIMEOUT_MAX) is False
    assert capture.is_calculating
    may_end.set()
    assert camera.released.wait(LIMIT)
    assert camera.released_by == ["camera-capture"]
    assert capture.stop(timeout=LIMIT)


def test_closing_wakes_a_read_and_releases_once() -> None:
    camera = ScriptedCamera(lambda: camera.woken.wait(LIMIT))
    failures: queue.Queue[Exception] = queue.Queue()

    def read() -> None:
        try:
            camera.read()
        except ContractError as error:
            failures.put(error)

    reader = threading.Thread(target=read)
    reader.start()
    assert camera.reading.wait(LIMIT)
    camera.close()
    camera.close()
    reader.join(LIMIT)
    assert isinstance(failures.get(timeout=LIMIT), CameraFailedError)
    assert len(camera.released_by) == 1


def test_a_closed_camera_is_not_read() -> None:
    camera = ScriptedCamera(lambda: None)
    camera.close()
    with pytest.raises(CameraFailedError):
        camera.read()
    assert not camera.reading.is_set()
