"""The sinks of one rendition, and the delivery to each of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

S = TypeVar("S")


class Sinks(Generic[S]):
    """Sinks in the order in which they were added. A sink that was added twice is delivered to twice."""

    def __init__(self) -> None:
        self._sinks: tuple[S, ...] = ()

    def __len__(self) -> int:
        """Return the number of sinks."""
        return len(self._sinks)

    def add(self, sink: S) -> None:
        """Deliver to this sink, too; from the next picture on when it is called during a delivery."""
        self._sinks = (*self._sinks, sink)

    def remove(self, sink: S) -> None:
        """Deliver to this sink no more, nor the picture of a delivery that is under way. An unknown one is ignored."""
        position = next((index for index, each in enumerate(self._sinks) if each is sink), None)
        if position is not None:
            self._sinks = self._sinks[:position] + self._sinks[position + 1 :]

    def clear(self) -> None:
        """Remove every sink."""
        self._sinks = ()

    def deliver(self, push: Callable[[S], None]) -> None:
        """Call `push` with each sink. A sink's error is logged, and keeps no picture from the other sinks."""
        before = self._sinks
        for sink in before:
            if self._sinks is before or any(each is sink for each in self._sinks):
                try:
                    push(sink)
                except Exception:
                    log.exception("a sink failed to take a picture")
