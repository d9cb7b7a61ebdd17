from __future__ import annotations

import os
import sys
import threading

import pytest

from sidecar.stdio.writer import WireWriter

Pipe = tuple[int, int]


class Lines:
    """A source of given bytes."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)
        self._changed = threading.Condition()
        self._closed = False

    def put(self, piece: bytes) -> None:
        with self._changed:
            self._pieces.append(piece)
            self._changed.notify_all()

    def take(self, timeout: float | None = None) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: self._pieces or self._closed, timeout)
            return self._pieces.pop(0) if self._pieces else b""

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def not_broken() -> None:
    raise AssertionError("the pipe broke")


def read_exactly(fd: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += os.read(fd, size - len(data))
    return data


def test_the_bytes_of_the_source_are_written_in_order(pipe: Pipe) -> None:
    lines = Lines(b"one\n", b"two\n")
    writer = WireWriter(pipe[1], lines, not_broken)
    writer.start()
    assert read_exactly(pipe[0], 8) == b"one\ntwo\n"
    lines.put(b"three\n")
    assert read_exactly(pipe[0], 6) == b"three\n"
    assert writer.finish(5)


def test_more_than_a_pipe_holds_goes_out_whole(pipe: Pipe) -> None:
    data = os.urandom(1_000_000)
    writer = WireWriter(pipe[1], Lines(data), not_broken)
    writer.start()
    assert read_exactly(pipe[0], len(data)) == data
    assert writer.finish(5)


def test_a_pipe_that_its_other_side_made_non_blocking_is_written_whole(pipe: Pipe) -> None:
    if sys.platform == "win32":
        pytest.skip("pipes cannot be made non-blocking there")
    os.set_blocking(pipe[1], False)
    data = os.urandom(1_000_000)
    writer = WireWriter(pipe[1], Lines(data), not_broken)
    writer.start()
    assert read_exactly(pipe[0], len(data)) == data
    assert writer.finish(5)


def test_finishing_writes_the_waiting_bytes(pipe: Pipe) -> None:
    writer = WireWriter(pipe[1], Lines(b"one\n", b"two\n"), not_broken)
    writer.start()
    assert writer.finish(5)
    assert read_exactly(pipe[0], 8) == b"one\ntwo\n"


def test_finishing_gives_up_when_the_client_does_not_read(pipe: Pipe) -> None:
    broken = threading.Event()
    writer = WireWriter(pipe[1], Lines(b"x" * 1_000_000), broken.set)
    writer.start()
    assert not writer.finish(0.05)
    os.close(pipe[0])
    assert broken.wait(5)  # or it would write to the next owner of this descriptor


def test_a_broken_pipe_is_told_once_and_closes_the_source(pipe: Pipe) -> None:
    os.close(pipe[0])
    told = threading.Event()
    lines = Lines(b"one\n", b"two\n")
    writer = WireWriter(pipe[1], lines, told.set)
    writer.start()
    assert told.wait(5)
    assert not writer.finish(5)
