"""What has ended, for as long as somebody may still ask."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

from sidecar.limits import REMEMBERED

T = TypeVar("T")


class Ended(Generic[T]):
    """Remembers the last REMEMBERED ended things by their ids, the oldest forgotten first."""

    def __init__(self) -> None:
        self._ended: OrderedDict[str, T] = OrderedDict()

    def add(self, identifier: str, thing: T) -> None:
        """Remember `thing`."""
        self._ended[identifier] = thing
        if len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)

    def get(self, identifier: str) -> T | None:
        """What ended under this id, or None."""
        return self._ended.get(identifier)
