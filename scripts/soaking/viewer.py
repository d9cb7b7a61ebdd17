"""A viewer in a process of its own, which can be killed and frozen.

    python -m soaking.viewer

Each line on stdin is JSON:

    {"number": n, "offer": sdp, "generation": g, "replaces_peer": false}    of its connection n, counted from 0
    {"number": n, "connected": g}                                           the sidecar says that it is
    {"away": seconds}                                                       there is no network for so long
    {"gone": false}                  every way in use is gone; true: and only fresh receivers find another

An offer is answered by {"number": n, "generation": g, "answer": sdp} on stdout, or null in the place of the sdp. Once a
second it says how many pictures each of its connections has had: {"frames": [3, 40]}. It closes them all when its
input ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from soaking.network import Network
from soaking.receiver import gather_on_loopback
from soaking.screen import CannotAnswerError, Screen

REPORT_SECONDS = 1.0


def say(**members: Any) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(members) + "\n")
    sys.stdout.flush()


class Viewer:
    """Screens, and the network that they are reached by."""

    def __init__(self) -> None:
        self._network = Network()
        self._network.install()
        self._screens: list[Screen] = []

    async def report(self) -> None:
        """Say how many pictures have come, for ever."""
        while True:
            say(frames=[screen.frames for screen in self._screens])
            await asyncio.sleep(REPORT_SECONDS)

    async def take(self, message: dict[str, Any]) -> None:
        """Do what a line says."""
        match message:
            case {"offer": sdp, "number": number, "generation": generation, "replaces_peer": replaces_peer}:
                await self._answer(number, sdp, generation, replaces_peer)
            case {"connected": generation, "number": number}:
                await self._screens[number].connected(generation)
            case {"away": seconds}:
                self._network.is_there = False
                asyncio.get_running_loop().call_later(seconds, setattr, self._network, "is_there", True)
            case {"gone": needs_fresh_receivers}:
                for screen in self._screens:
                    screen.give_up_the_way()
                    screen.can_restart = not needs_fresh_receivers

    async def close(self) -> None:
        """Say good-bye to all."""
        await asyncio.gather(*(screen.close() for screen in self._screens))

    async def _answer(self, number: int, sdp: str, generation: int, replaces_peer: bool) -> None:
        if number == len(self._screens):
            self._screens.append(Screen(self._network))
        try:
            answer = await self._screens[number].answer(sdp, generation, replaces_peer)
        except CannotAnswerError:
            answer = None
        say(number=number, generation=generation, answer=answer)


async def main() -> None:
    """Do what the input says, until its end."""
    gather_on_loopback()
    viewer = Viewer()
    reporting = asyncio.create_task(viewer.report())
    while line := await asyncio.to_thread(sys.stdin.readline):
        await viewer.take(json.loads(line))
    reporting.cancel()
    await viewer.close()


if __name__ == "__main__":
    asyncio.run(main())
