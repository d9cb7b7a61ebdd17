"""The background tasks of one owner."""

from __future__ import annotations

import asyncio

from sidecar.tasks import Tasks


async def test_waiting_lasts_until_every_task_is_done() -> None:
    tasks, done = Tasks(), []

    async def work(number: int) -> None:
        await asyncio.sleep(0)
        done.append(number)

    tasks.spawn(work(1))
    tasks.spawn(work(2))
    await tasks.wait()
    assert done == [1, 2]


async def test_cancelled_tasks_have_ended_and_are_no_failures() -> None:
    failures: list[BaseException] = []
    tasks, ended = Tasks(failures.append), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()

    tasks.spawn(work())
    await asyncio.sleep(0)
    await tasks.cancel()
    assert ended.is_set()
    assert failures == []


async def test_the_exception_of_a_task_is_reported_and_waiting_raises_nothing() -> None:
    failures: list[BaseException] = []
    tasks = Tasks(failures.append)

    async def work() -> None:
        raise ZeroDivisionError

    tasks.spawn(work())
    await tasks.wait()
    assert [type(failure) for failure in failures] == [ZeroDivisionError]


async def test_without_a_task_nothing_is_waited_for() -> None:
    tasks = Tasks()
    await tasks.wait()
    await tasks.cancel()
