"""Calls between the event loop and other threads: blocking calls into drivers, and callbacks on the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from sidecar.contract.errors import LimitExceededError

T = TypeVar("T")

IMPORT_TIMEOUT: Final = 60.0
"""The time limit of an import in a thread, in seconds; on a cold disk under a virus scanner it takes ten."""


async def in_thread(call: Callable[[], T], limit: float, *, late: Callable[[T], None] | None = None) -> T:
    """Return the result of a blocking call that runs in its own thread. Raises TimeoutError after `limit` seconds.

    A thread inside a driver cannot be ended, so after the limit, or when the caller is cancelled, the thread is
    abandoned. If its call returns later, `late` is called with the result, in another thread. The threads are daemons
    and do not delay the end of the process, as the threads of a ThreadPoolExecutor would.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    decided = threading.Lock()  # acquired once: by the result or by the limit, whichever is first

    def run() -> None:
        try:
            result = call()
        except BaseException as exc:
            hand_over(partial(fail, exc))
            return
        if not hand_over(partial(settle, result)) and late is not None:
            late(result)

    def hand_over(settle: Callable[[], object]) -> bool:
        if not decided.acquire(blocking=False):
            return False
        with contextlib.suppress(RuntimeError):  # the loop was closed
            loop.call_soon_threadsafe(settle)
        return True

    def fail(error: BaseException) -> None:
        if not future.cancelled():
            future.set_exception(error)

    def settle(result: T) -> None:
        if not future.cancelled():
            future.set_result(result)
        elif late is not None:
            threading.Thread(target=late, args=(result,), daemon=True).start()

    threading.Thread(target=run, name="blocking call", daemon=True).start()
    try:
        async with asyncio.timeout(limit):
            return await future
    except (asyncio.CancelledError, TimeoutError):
        # The task was cancelled after the call had returned and before the task could take the result.
        if late is not None and future.done() and not future.cancelled() and future.exception() is None:
            threading.Thread(target=late, args=(future.result(),), daemon=True).start()
        raise
    finally:
        decided.acquire(blocking=False)


class Threads:
    """A limit of `maximum` concurrent blocking calls, abandoned calls that still hang included.

    A further call waits for a free thread. A call without a free thread within its limit is refused, so that a hanging
    driver or file system takes a bounded number of threads. `name` names the calls in the error.
    """

    def __init__(self, name: str, maximum: int) -> None:
        self._name = name
        self._maximum = maximum
        self._turns = asyncio.Semaphore(maximum)

    async def run(self, call: Callable[[], T], limit: float) -> T:
        """Run `call` as `in_thread` does. Raises TimeoutError, and LimitExceededError when no thread becomes free."""
        try:
            async with asyncio.timeout(limit):
                await self._turns.acquire()
        except TimeoutError:
            message = f"{self._maximum} {self._name} are waiting for a response of the system"
            raise LimitExceededError(message, details={"limit": self._name, "maximum": self._maximum}) from None
        free = on_loop(self._turns.release)

        def counted() -> T:
            try:
                return call()
            finally:
                free()

        return await in_thread(counted, limit)


def on_loop(call: Callable[..., None]) -> Callable[..., None]:
    """Return a function for other threads that runs `call` on the event loop; it does nothing on a closed loop."""
    loop = asyncio.get_running_loop()

    def hand_over(*args: object) -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(call, *args)

    return hand_over
