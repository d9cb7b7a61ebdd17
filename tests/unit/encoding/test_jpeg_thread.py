from __future__ import annotations

import queue
import threading
from dataclasses import replace

import pytest

from sidecar.contract.errors import ContractError, EncoderFailedError
from sidecar.encoding.jpeg_thread import JpegThread
from sidecar.media.frame_slot import FrameSlot
from sidecar.media.jpeg_picture import JpegPicture
from tests.support.pictures import MovingPicture

LIMIT = 10.0


class Running:
    """A JPEG thread, its pictures and its errors."""

    def __init__(self) -> None:
        self.slot = FrameSlot()
        self.pictures: queue.Queue[JpegPicture] = queue.Queue()
        self.errors: queue.Queue[ContractError] = queue.Queue()
        self.thread = JpegThread(self.slot, self.pictures.put, self.errors.put)
        before = set(threading.enumerate())
        self.thread.start()
        (self.started,) = (each for each in set(threading.enumerate()) - before if each.name == "jpeg")

    def ends(self) -> bool:
        """Close the JPEG thread, and return whether it ends."""
        self.thread.close()
        self.started.join(LIMIT)
        return not self.started.is_alive()


@pytest.fixture
def running() -> Running:
    return Running()


def test_frames_become_pictures_with_their_times(running: Running) -> None:
    frame = MovingPicture().frame(7)
    running.slot.put(frame)
    picture = running.pictures.get(timeout=LIMIT)
    assert picture.data.startswith(b"\xff\xd8\xff")
    assert picture.captured_at == frame.captured_at
    assert running.ends()


def test_a_fast_camera_gives_no_more_than_thirty_pictures_a_second(running: Running) -> None:
    moving = MovingPicture()
    frames = [moving.frame(number, fps=120) for number in (0, 1, 4)]
    for frame in frames:
        running.slot.put(frame)
        if frame is not frames[1]:
            assert running.pictures.get(timeout=LIMIT).captured_at == frame.captured_at
    assert running.ends()
    assert running.pictures.empty()


def test_a_frame_that_cannot_be_written_ends_the_thread_with_an_error(running: Running) -> None:
    running.slot.put(replace(MovingPicture().frame(0), pixel_format="pal8"))
    assert isinstance(running.errors.get(timeout=LIMIT), EncoderFailedError)
    assert running.ends()
