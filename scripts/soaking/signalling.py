"""Passes the sidecar's notifications to the viewers and their answers back, as a frontend does."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from soaking.audience import Viewer
from soaking.subject import Subject

FOR_EVER = 7 * 24 * 3600.0
"""Seconds; longer than any soak."""


class Signalling:
    """The signalling of all viewers; `done` counts the answered offers and the outcomes of reconnections."""

    def __init__(self, subject: Subject) -> None:
        self.done: Counter[str] = Counter()
        self._subject = subject
        self._viewers: dict[str, Viewer] = {}
        self._reconnecting: set[str] = set()

    def carry_to(self, viewer: Viewer, connection_id: str) -> None:
        """Pass the notifications of a connection to this viewer."""
        self._viewers[connection_id] = viewer

    def forget_all(self) -> None:
        """Remove all viewers."""
        self._viewers.clear()

    @asynccontextmanager
    async def carried(self) -> AsyncIterator[None]:
        """Pass notifications during the block; an exception of the block or of a task is raised unchanged."""
        try:
            async with asyncio.TaskGroup() as group:
                carrying = [group.create_task(self._carry_offers(group)), group.create_task(self._carry_states())]
                yield
                for task in carrying:
                    task.cancel()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors

    async def _carry_offers(self, group: asyncio.TaskGroup) -> None:
        while True:
            offer = await self._subject.client.notification("renegotiation_offer", timeout=FOR_EVER)
            viewer = self._viewers.get(offer["connection_id"])
            if viewer is not None:
                group.create_task(self._carry(viewer, offer))

    async def _carry(self, viewer: Viewer, offer: dict[str, Any]) -> None:
        connection_id, generation = offer["connection_id"], offer["generation"]
        sdp = await viewer.answer_again(connection_id, offer["sdp"], generation, replaces_peer=offer["replaces_peer"])
        if sdp is not None:
            description = {"type": "answer", "sdp": sdp}
            # A late answer is refused: another offer has replaced this one, or the connection is closed.
            await self._subject.call_anyway(
                "set_remote_description", connection_id=connection_id, description=description, generation=generation
            )
            self.done["fresh peers answered" if offer["replaces_peer"] else "restarts answered"] += 1

    async def _carry_states(self) -> None:
        while True:
            event = await self._subject.client.notification("connection_state", timeout=FOR_EVER)
            connection_id, state = event["connection_id"], event["state"]
            viewer = self._viewers.get(connection_id)
            if state == "reconnecting":
                self._reconnecting.add(connection_id)
            elif connection_id in self._reconnecting:
                self._reconnecting.discard(connection_id)
                self.done[f"reconnecting to {state}"] += 1
            if state == "connected" and viewer is not None:
                await viewer.connected(connection_id, event["generation"])
