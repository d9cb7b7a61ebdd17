"""A viewer as a process: it reads an offer as a line of JSON, writes its answer, then a line for each picture."""

from __future__ import annotations

import asyncio
import json
import sys

from sidecar.webrtc.sdp import SdpDescription
from tests.support.peers import Viewer


def write(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def main() -> None:
    viewer = Viewer()
    offer = SdpDescription("offer", json.loads(sys.stdin.readline())["sdp"])
    write({"sdp": await viewer.answer(offer)})
    assert viewer.track is not None
    pictures = 0
    while True:
        await viewer.track.recv()
        pictures += 1
        write({"pictures": pictures})


asyncio.run(main())
