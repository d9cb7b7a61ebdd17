"""What a sender sends through, and the timers that it sets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol


class Timer(Protocol):
    """A call that is to come."""

    def cancel(self) -> None: ...


Schedule = Callable[[float, Callable[[], None]], Timer]


class RtpTransport(Protocol):
    """What a sender sends through."""

    @property
    def is_local(self) -> bool:
        """Whether the viewer is on this machine, where there is no queue to spare."""

    def send_rtp(self, packets: Iterable[bytes]) -> bool: ...

    def send_rtcp(self, packet: bytes) -> None: ...


def on_the_loop(delay: float, call: Callable[[], None]) -> Timer:
    """Call after `delay` seconds on the running loop."""
    return asyncio.get_running_loop().call_later(delay, call)
