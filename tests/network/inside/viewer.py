"""A viewer: an offer on stdin, an answer on stdout, each a line of JSON; then it watches until it is ended."""

from __future__ import annotations

import asyncio
import json
import sys

import aioice.ice

from sidecar.webrtc.sdp import SdpDescription
from tests.support.peers import Viewer


async def main() -> None:
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    viewer = Viewer()
    offer = json.loads(await asyncio.to_thread(sys.stdin.readline))
    sdp = await viewer.answer(SdpDescription(offer["type"], offer["sdp"]))
    sys.stdout.write(json.dumps({"type": "answer", "sdp": sdp}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


asyncio.run(main())
