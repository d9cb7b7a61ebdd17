"""A viewer in a process of its own that is killed, in real time."""

from __future__ import annotations

import asyncio
import json
import sys
import time

from sidecar.webrtc.peer import Peer
from tests.support.busy_machine import SLACK
from tests.support.peers import RecordingListener, pushing

VIEWER = "tests.network.inside.viewer"
NOTICED_WITHIN = 3.0
"""Seconds in which the loss of a viewer is noticed, by the contract."""


async def test_a_killed_viewer_is_noticed_within_three_seconds() -> None:
    listener = RecordingListener()
    peer = Peer("connection-1", ice_servers=[], listener=listener)
    offer = await peer.create_offer()
    pipe = asyncio.subprocess.PIPE
    viewer = await asyncio.create_subprocess_exec(sys.executable, "-m", VIEWER, stdin=pipe, stdout=pipe)
    assert viewer.stdin is not None
    assert viewer.stdout is not None
    try:
        viewer.stdin.write(json.dumps({"type": offer.type, "sdp": offer.sdp}).encode() + b"\n")
        answer = json.loads(await asyncio.wait_for(viewer.stdout.readline(), 30))
        await peer.set_remote_description("answer", answer["sdp"])
        await listener.until_state("connected")
        async with pushing(peer, listener):
            viewer.kill()
            killed_at = time.monotonic()
            await listener.until_state("disconnected")
            # A sign of life may be a second old when the viewer is killed. ICE alone would notice after 30 s.
            assert 1.0 < time.monotonic() - killed_at < NOTICED_WITHIN + SLACK
    finally:
        if viewer.returncode is None:
            viewer.kill()
        await viewer.wait()
        await peer.close()
