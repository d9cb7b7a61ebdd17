from __future__ import annotations

import asyncio
import os
import sys

import pytest

from sidecar.stdio.reader import CHUNK_BYTES, MAX_CHUNKS, WireReader
from sidecar.stdio.wire_stream import WireStream

Pipe = tuple[int, int]


async def read(stream: WireStream) -> bytes:
    return await asyncio.wait_for(stream.read(), 5)


async def test_bytes_come_in_order_and_then_the_end(pipe: Pipe) -> None:
    reader = WireReader(pipe[0])
    reader.start()
    stream = WireStream(reader)
    os.write(pipe[1], b"one")
    assert await read(stream) == b"one"
    os.write(pipe[1], b"two")
    os.close(pipe[1])
    assert [await read(stream), await read(stream), await read(stream)] == [b"two", b"", b""]


async def test_bytes_from_before_the_start_of_the_reader_are_read(pipe: Pipe) -> None:
    os.write(pipe[1], b"early")
    os.close(pipe[1])
    reader = WireReader(pipe[0])
    reader.start()
    stream = WireStream(reader)
    assert [await read(stream), await read(stream)] == [b"early", b""]


async def test_a_pipe_that_its_other_side_made_non_blocking_is_read_all_the_same(pipe: Pipe) -> None:
    if sys.platform == "win32":
        pytest.skip("pipes cannot be made non-blocking there")
    os.set_blocking(pipe[0], False)
    reader = WireReader(pipe[0])
    reader.start()
    stream = WireStream(reader)
    os.write(pipe[1], b"one")
    assert await read(stream) == b"one"
    os.close(pipe[1])
    assert await read(stream) == b""


async def test_no_more_is_read_ahead_than_the_bound(pipe: Pipe) -> None:
    if sys.platform == "win32":
        pytest.skip("pipes cannot be made non-blocking there")
    os.set_blocking(pipe[1], False)
    reader = WireReader(pipe[0])
    reader.start()
    stream = WireStream(reader)
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
    while chunk := await read(stream):
        received += len(chunk)
    assert received == written


async def test_a_stopped_reader_gives_the_pieces_so_far_and_then_the_end(pipe: Pipe) -> None:
    reader = WireReader(pipe[0])
    reader.start()
    stream = WireStream(reader)
    reader.stop()
    assert await read(stream) == b""
    os.close(pipe[1])


async def test_a_descriptor_that_cannot_be_read_is_an_end(pipe: Pipe, caplog: pytest.LogCaptureFixture) -> None:
    reader = WireReader(pipe[1])
    reader.start()
    stream = WireStream(reader)
    assert await read(stream) == b""
    assert "cannot be read" in caplog.text


async def test_a_sieve_sees_each_piece_until_an_event_loop_listens(pipe: Pipe) -> None:
    seen = asyncio.Queue[bytes]()
    loop = asyncio.get_running_loop()

    def sieve(piece: bytes) -> bytes:
        loop.call_soon_threadsafe(seen.put_nowait, piece)
        return piece.replace(b"taken", b"")

    reader = WireReader(pipe[0], sieve)
    reader.start()
    for piece in (b"taken", b"taken left"):
        os.write(pipe[1], piece)
        assert await asyncio.wait_for(seen.get(), 5) == piece
    stream = WireStream(reader)
    assert await read(stream) == b" left"
    os.write(pipe[1], b"taken")
    assert await read(stream) == b"taken"
    os.close(pipe[1])
    assert await read(stream) == b""
