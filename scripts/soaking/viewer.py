"""A viewer in a process of its own, which can be killed and frozen.

    python -m soaking.viewer

Each line on stdin is JSON: {"offer": sdp} is answered by {"answer": sdp} on stdout. Once a second it says how many
pictures each of its connections has had, in the order of their offers: {"frames": [3, 40]}. It closes them all when
its input ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from soaking.receiver import Receiver, gather_on_loopback

REPORT_SECONDS = 1.0


def say(**members: Any) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(members) + "\n")
    sys.stdout.flush()


async def report(receivers: list[Receiver]) -> None:
    """Say how many pictures have come, for ever."""
    while True:
        say(frames=[receiver.frames for receiver in receivers])
        await asyncio.sleep(REPORT_SECONDS)


async def main() -> None:
    """Answer offers until the end of the input."""
    gather_on_loopback()
    receivers: list[Receiver] = []
    reporting = asyncio.create_task(report(receivers))
    while line := await asyncio.to_thread(sys.stdin.readline):
        receiver = Receiver()
        say(answer=await receiver.answer(json.loads(line)["offer"]))
        receivers.append(receiver)
    reporting.cancel()
    await asyncio.gather(*(receiver.close() for receiver in receivers))


if __name__ == "__main__":
    asyncio.run(main())
