from __future__ import annotations

import asyncio
import queue
import threading

import pytest

from sidecar.blocking import in_thread


async def test_a_result_in_time_is_returned() -> None:
    assert await in_thread(lambda: 7, 5) == 7


async def test_an_error_in_time_is_raised() -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await in_thread(fail, 5)


async def test_a_result_that_comes_late_is_given_to_who_cleans_up() -> None:
    go_on, cleaned = threading.Event(), threading.Event()
    late: list[int] = []

    def hang() -> int:
        go_on.wait(10)
        return 7

    def clean_up(result: int) -> None:
        late.append(result)
        cleaned.set()

    with pytest.raises(TimeoutError):
        await in_thread(hang, 0.01, late=clean_up)
    go_on.set()
    assert await asyncio.to_thread(cleaned.wait, 5)
    assert late == [7]


async def test_a_cancelled_caller_leaves_its_result_to_who_cleans_up() -> None:
    started, go_on, cleaned = threading.Event(), threading.Event(), threading.Event()

    def hang() -> int:
        started.set()
        go_on.wait(10)
        return 7

    task = asyncio.create_task(in_thread(hang, 60, late=lambda _: cleaned.set()))
    assert await asyncio.to_thread(started.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    assert await asyncio.to_thread(cleaned.wait, 5)


async def test_a_result_that_came_just_before_its_caller_was_cancelled_is_not_lost() -> None:
    released: queue.Queue[str] = queue.Queue()
    go_on = threading.Event()

    def call() -> str:
        go_on.wait(10)
        return "a camera"

    task = asyncio.create_task(in_thread(call, 10, late=released.put))
    await asyncio.sleep(0)
    thread = next(thread for thread in threading.enumerate() if thread.name == "blocking call")
    go_on.set()
    thread.join(10)  # the loop stands still: the result waits for its turn, and so will the cancellation
    asyncio.get_running_loop().call_soon(task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(released.get, timeout=10) == "a camera"
