"""A viewer in a separate process, which can be killed and suspended.

    python -m soaking.viewer

Each line on stdin is JSON:

    {"number": n, "offer": sdp, "generation": g, "replaces_peer": false}    an offer of connection n, from 0
    {"number": n, "connected": g}                   the sidecar reports the connection as connected
    {"away": seconds}                               the network is lost for so long
    {"gone": false}      all present paths are lost for good; true: and only fresh receivers find another

The answer to an offer is {"number": n, "generation": g, "answer": sdp} on stdout, with null instead of the sdp when
the viewer cannot answer. Once a second the viewer reports the number of pictures of each connection: {"frames": [3,
40]}. At the end of its input it closes all connections.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from soaking.network import Network
from soaking.screen import CannotAnswerError, Screen
from tests.support.loopback import gather_on_loopback

REPORT_SECONDS = 1.0


def say(**members: Any) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(members) + "\n")
    sys.stdout.flush()


class Viewer:
    """The screens of all connections, and their network."""

    def __init__(self) -> None:
        self._network = Network()
        self._network.install()
        self._screens: list[Screen] = []

    async def report(self) -> None:
        """Report the numbers of pictures every REPORT_SECONDS."""
        while True:
            say(frames=[screen.frames for screen in self._screens])
            await asyncio.sleep(REPORT_SECONDS)

    async def take(self, message: dict[str, Any]) -> None:
        """Carry out one line of the input."""
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
        """Close all connections."""
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
    """Carry out the lines of the input until its end."""
    gather_on_loopback()
    viewer = Viewer()
    reporting = asyncio.create_task(viewer.report())
    while line := await asyncio.to_thread(sys.stdin.readline):
        await viewer.take(json.loads(line))
    reporting.cancel()
    await viewer.close()


if __name__ == "__main__":
    asyncio.run(main())
