"""The far peer goes: with a close_notify, without one, and for a while."""

from __future__ import annotations

import asyncio

from sidecar.webrtc.ice.policy import IcePolicy, IceTimings
from sidecar.webrtc.policy import PeerPolicy
from tests.support.access_units import encoded_pictures, stamped_now
from tests.support.peers import connected_peers, pushing

QUICK = {
    "policy": PeerPolicy(poll_interval=0.05),
    "ice_policy": IcePolicy(timings=IceTimings(consent_interval=0.1)),
}
"""Options of a peer with a tenth of the usual intervals; tests/network uses the usual ones."""


async def test_a_peer_that_closes_is_told_of_at_once() -> None:
    async with connected_peers() as (peer, listener, viewer):
        await viewer.close()
        await listener.until_state("closed", timeout=1.0)
        assert listener.reason_of("closed") == "the peer closed the connection"
        assert peer.connection_state == "closed"


async def test_a_peer_that_vanishes_is_disconnected_for_as_long_as_the_owner_likes() -> None:
    async with connected_peers(**QUICK) as (peer, listener, viewer), pushing(peer, listener):
        await viewer.vanish()
        await listener.until_state("disconnected")
        assert listener.reason_of("disconnected") == "the peer does not answer"
        assert peer.ice_connection_state == "disconnected"
        await asyncio.sleep(1.0)
        assert listener.state_names == ["connecting", "connected", "disconnected"]


async def test_a_path_that_comes_back_is_used_again_from_a_keyframe_on() -> None:
    async with connected_peers(**QUICK) as (peer, listener, viewer):
        keyframe, *others = encoded_pictures(3)
        peer.push(stamped_now(keyframe))
        with viewer.cut():
            await listener.until_state("disconnected")
            peer.push(stamped_now(others[0]))
            assert peer.stats().frames_sent == 1, "nothing is sent into the void"
        await listener.until(lambda: listener.state_names[-1] == "connected")
        assert listener.subscription.keyframe_requests == 2
        peer.push(stamped_now(others[1]))
        assert peer.stats().frames_sent == 1
        peer.push(stamped_now(keyframe))
        assert peer.stats().frames_sent == 2
        assert (peer.generation, peer.ice_connection_state) == (0, "connected")


async def test_a_still_picture_is_no_loss() -> None:
    async with connected_peers(**QUICK) as (_, listener, _):
        await asyncio.sleep(1.0)
        assert listener.state_names == ["connecting", "connected"]
