"""A viewer: an offer on stdin, an answer on stdout, each a line of JSON; then it watches until it is ended."""

from __future__ import annotations

import asyncio
import json
import sys

from sidecar.webrtc.sdp import SdpDescription
from tests.support.loopback import gather_on_loopback
from tests.support.peers import Viewer


async def main() -> None:
    gather_on_loopback()
    viewer = Viewer()
    offer = json.loads(await asyncio.to_thread(sys.stdin.readline))
    sdp = await viewer.answer(SdpDescription(offer["type"], offer["sdp"]))
    sys.stdout.write(json.dumps({"type": "answer", "sdp": sdp}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


asyncio.run(main())
