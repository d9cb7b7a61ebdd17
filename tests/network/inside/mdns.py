"""Connects with a viewer that is known by an mDNS name only. To be run where multicast leads nowhere else.

The argument says whether a responder knows the name: `published` or `unknown`. Prints the type of the used candidate
and whether its address is the name.
"""

from __future__ import annotations

import asyncio
import re
import sys

from aioice.mdns import create_mdns_hostname, create_mdns_protocol

from sidecar.webrtc.peer import Peer
from tests.support.loopback import gather_on_loopback
from tests.support.peers import RecordingListener, Viewer


async def main(is_published: bool) -> None:
    gather_on_loopback()
    name = create_mdns_hostname()
    responder = await create_mdns_protocol()
    if is_published:
        await responder.publish(name, "127.0.0.1")
    listener, viewer = RecordingListener(), Viewer()
    peer = Peer("connection-1", ice_servers=[], listener=listener)
    offer = await peer.create_offer()
    answer = await viewer.answer(offer)
    if is_published:
        # Without checks of the viewer, only the name leads to it.
        ice = viewer.receiver.transport.transport._connection
        ice._remote_candidates.clear()
        ice._check_list.clear()
    named = re.sub(r"127\.0\.0\.1 (\d+ typ host)", rf"{name} \1", answer)
    await peer.set_remote_description("answer", named)
    await listener.until_state("connected")
    pair = peer.stats().candidate_pair
    assert pair is not None
    sys.stdout.write(f"{pair.remote.type} {pair.remote.address == name}\n")
    await peer.close()
    await viewer.close()
    await responder.close()


asyncio.run(main(sys.argv[1] == "published"))
