"""How the layers here tell the world: through whatever app.py puts in."""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel


class Notify(Protocol):
    """Sends a notification of the contract; called on the loop's thread and never blocks."""

    def __call__(self, event: str, params: BaseModel) -> None:
        """Send `event` with `params`."""
