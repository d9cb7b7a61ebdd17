"""A bounded memory of ended sessions and connections."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class Ended(Generic[T]):
    """Remembers the last `maximum` ended sessions or connections by their ids; the oldest are forgotten first."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._ended: OrderedDict[str, T] = OrderedDict()

    def add(self, identifier: str, record: T) -> None:
        """Remember the record of an ended session or connection."""
        self._ended[identifier] = record
        if len(self._ended) > self._maximum:
            self._ended.popitem(last=False)

    def get(self, identifier: str) -> T | None:
        """Return the record of the session or connection with this id, or None."""
        return self._ended.get(identifier)
