"""An encoder thread between a slot that the test fills and a list that it reads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from sidecar.contract.errors import ContractError
from sidecar.encoding.h264 import ENCODERS, EncoderType
from sidecar.encoding.settings import EncoderSettings
from sidecar.encoding.thread import EncoderThread
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame import Frame
from sidecar.media.frame_slot import FrameSlot
from tests.support.pictures import MovingPicture

LIMIT = 10.0
"""The longest wait of a test, in seconds: much longer than any event takes."""


class WatchedSlot(FrameSlot):
    """A slot that reports each frame taken, the end of its processing, and each wait that ended without a frame."""

    def __init__(self) -> None:
        super().__init__()
        self.on_taken: Callable[[], None] = lambda: None
        self._is_processing = False
        self._processed = threading.Semaphore(0)
        self._empty_takes = threading.Semaphore(0)

    def take(self, timeout: float) -> Frame | None:
        if self._is_processing:
            self._processed.release()
        frame = super().take(timeout)
        self._is_processing = frame is not None
        if frame is None:
            self._empty_takes.release()
        else:
            self.on_taken()
        return frame

    def wait_until_processed(self) -> None:
        """Wait until the encoder thread has processed one more frame."""
        assert self._processed.acquire(timeout=LIMIT)

    def wait_for_empty_takes(self, count: int) -> None:
        while self._empty_takes.acquire(blocking=False):
            pass
        for _ in range(count):
            assert self._empty_takes.acquire(timeout=LIMIT)


class Bench:
    """An encoder thread, the access units that it delivered and the errors that it reported."""

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

    def drop(self, frame: Frame | None = None) -> None:
        """Put one frame into the slot; wait until the thread has processed it without delivering anything."""
        count = len(self.units)
        self.slot.put(frame or self.frame())
        self.slot.wait_until_processed()
        assert len(self.units) == count

    def show(self, frame: Frame | None = None) -> AccessUnit:
        """Put one frame into the slot; return its access unit."""
        count = len(self.units)
        self.slot.put(frame or self.frame())
        self.wait_until(lambda: len(self.units) > count)
        self.slot.wait_until_processed()
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
