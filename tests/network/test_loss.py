"""A viewer in a process of its own that is killed, in real time."""

from __future__ import annotations

import asyncio
import json
import sys
import time

from sidecar.webrtc.peer import Peer
from tests.support.peers import RecordingListener, pushing

VIEWER = "tests.network.inside.viewer"


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
            # A sign of life may be up to a second old when the viewer is killed. The contract says 3 s; the rest is
            # for a machine that others use as well.
            assert 1.0 < time.monotonic() - killed_at < 5.0
    finally:
        if viewer.returncode is None:
            viewer.kill()
        await viewer.wait()
        await peer.close()
