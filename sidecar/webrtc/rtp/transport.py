"""The sender's view of the transport below it, and of timers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol


class Timer(Protocol):
    """A scheduled call."""

    def cancel(self) -> None:
        """Prevent the call."""


Schedule = Callable[[float, Callable[[], None]], Timer]


class RtpTransport(Protocol):
    """An SRTP transport to one viewer."""

    @property
    def is_local(self) -> bool:
        """Whether the viewer is on this machine, where no queue needs pacing."""

    def send_rtp(self, packets: Iterable[bytes]) -> bool:
        """Send packets now. Return False, and take none of them, when too many bytes wait for the system."""

    def send_rtcp(self, packet: bytes) -> None:
        """Send an RTCP packet now."""


def on_the_loop(delay: float, call: Callable[[], None]) -> Timer:
    """Call after `delay` seconds on the running loop."""
    return asyncio.get_running_loop().call_later(delay, call)
