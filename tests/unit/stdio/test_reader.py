from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator

import pytest

from sidecar.stdio.reader import CHUNK_BYTES, MAX_CHUNKS, WireReader

Pipe = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """The end to read and the end to write."""
    read, write = os.pipe()
    yield read, write
    for fd in (read, write):
        try:
            os.close(fd)
        except OSError:
            continue


async def read(reader: WireReader) -> bytes:
    return await asyncio.wait_for(reader.read(), 5)


async def test_bytes_come_in_order_and_then_the_end(pipe: Pipe) -> None:
    reader = WireReader(pipe[0])
    reader.start()
    os.write(pipe[1], b"one")
    assert await read(reader) == b"one"
    os.write(pipe[1], b"two")
    os.close(pipe[1])
    assert [await read(reader), await read(reader), await read(reader)] == [b"two", b"", b""]


async def test_what_was_written_before_the_reader_started_is_read(pipe: Pipe) -> None:
    os.write(pipe[1], b"early")
    os.close(pipe[1])
    reader = WireReader(pipe[0])
    reader.start()
    assert [await read(reader), await read(reader)] == [b"early", b""]


async def test_a_pipe_that_its_other_side_made_non_blocking_is_read_all_the_same(pipe: Pipe) -> None:
    if sys.platform == "win32":
        pytest.skip("pipes cannot be made non-blocking there")
    os.set_blocking(pipe[0], False)
    reader = WireReader(pipe[0])
    reader.start()
    os.write(pipe[1], b"one")
    assert await read(reader) == b"one"
    os.close(pipe[1])
    assert await read(reader) == b""


async def test_no_more_is_read_ahead_than_the_bound(pipe: Pipe) -> None:
    if sys.platform == "win32":
        pytest.skip("pipes cannot be made non-blocking there")
    os.set_blocking(pipe[1], False)
    reader = WireReader(pipe[0])
    reader.start()
    bound = (MAX_CHUNKS + 4) * CHUNK_BYTES
    written = 0
    # The loop never reads: the pipe fills once the reader has taken its share, and stays full.
    refused = 0
    while refused < 50:
        try:
            written += os.write(pipe[1], b"x" * CHUNK_BYTES)
            refused = 0
        except BlockingIOError:
            refused += 1
            await asyncio.sleep(0.001)
        assert written <= bound
    assert written >= CHUNK_BYTES
    os.close(pipe[1])
    received = 0
    while chunk := await read(reader):
        received += len(chunk)
    assert received == written


async def test_a_stopped_reader_gives_what_has_come_and_then_nothing(pipe: Pipe) -> None:
    reader = WireReader(pipe[0])
    reader.start()
    reader.stop()
    assert await read(reader) == b""
    os.close(pipe[1])


async def test_a_descriptor_that_cannot_be_read_is_an_end(pipe: Pipe, caplog: pytest.LogCaptureFixture) -> None:
    reader = WireReader(pipe[1])
    reader.start()
    assert await read(reader) == b""
    assert "cannot be read" in caplog.text
