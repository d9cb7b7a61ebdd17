"""The slot between a camera and the encoder."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from sidecar.media.frame import Frame
from sidecar.media.frame_slot import FrameSlot, FrameTee


def frame(number: int) -> Frame:
    return Frame((np.zeros((2, 2), np.uint8),), "gray", 2, 2, number, captured_at=0.0)


def test_the_newest_frame_takes_the_place_of_older_ones() -> None:
    slot = FrameSlot()
    for number in range(3):
        slot.put(frame(number))
    taken = slot.take(timeout=0)
    assert taken is not None
    assert taken.number == 2
    assert slot.overwritten == 2


def test_a_frame_is_taken_once() -> None:
    slot = FrameSlot()
    slot.put(frame(0))
    assert slot.take(timeout=0) is not None
    assert slot.take(timeout=0) is None
    assert slot.overwritten == 0


def test_taking_gives_up_after_the_time_out() -> None:
    assert FrameSlot().take(timeout=0.01) is None


@pytest.mark.parametrize("closing", [False, True])
def test_a_waiting_thread_goes_on_when_a_frame_comes_or_the_slot_closes(closing: bool) -> None:
    slot = FrameSlot()
    taken: list[Frame | None] = []
    thread = threading.Thread(target=lambda: taken.append(slot.take(timeout=30)))
    thread.start()
    if closing:
        slot.close()
    else:
        slot.put(frame(7))
    thread.join(10)
    assert [None if one is None else one.number for one in taken] == [None if closing else 7]


def test_a_closed_slot_takes_and_gives_nothing() -> None:
    slot = FrameSlot()
    slot.put(frame(0))
    slot.close()
    slot.close()
    slot.put(frame(1))
    assert slot.closed
    assert slot.take(timeout=30) is None
    assert slot.overwritten == 0


def test_a_tee_puts_every_frame_into_each_slot_that_is_there() -> None:
    first, second = FrameSlot(), FrameSlot()
    tee, one = FrameTee(first), frame(0)
    tee.add(second)
    tee.put(one)
    assert (first.take(0), second.take(0)) == (one, one)
    tee.remove(second)
    tee.put(one)
    assert (first.take(0), second.take(0)) == (one, None)
