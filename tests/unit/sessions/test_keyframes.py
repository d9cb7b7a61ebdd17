from __future__ import annotations

import asyncio

from sidecar.sessions.keyframes import KeyframeRequests


class Encoder:
    """Counts requests and gives a keyframe for one when told to."""

    def __init__(self, interval: float) -> None:
        self.requests = 0
        self.asked = asyncio.Event()
        self.keyframes = KeyframeRequests(self._request, interval)

    def _request(self) -> None:
        self.requests += 1
        self.asked.set()


async def test_the_first_request_goes_through_at_once() -> None:
    encoder = Encoder(interval=60)
    encoder.keyframes.want()
    assert encoder.requests == 1


async def test_requests_before_the_keyframe_comes_are_covered_by_it() -> None:
    encoder = Encoder(interval=60)
    for _ in range(10):
        encoder.keyframes.want()
    assert encoder.requests == 1


async def test_requests_soon_after_a_keyframe_become_one_later() -> None:
    encoder = Encoder(interval=0.05)
    encoder.keyframes.want()
    encoder.keyframes.came()
    encoder.asked.clear()
    for _ in range(10):
        encoder.keyframes.want()
    assert encoder.requests == 1
    await asyncio.wait_for(encoder.asked.wait(), 5)
    assert encoder.requests == 2


async def test_a_closed_one_asks_no_more() -> None:
    encoder = Encoder(interval=0.01)
    encoder.keyframes.want()
    encoder.keyframes.came()
    encoder.keyframes.want()
    encoder.keyframes.close()
    later = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, later.set)
    await asyncio.wait_for(later.wait(), 5)
    assert encoder.requests == 1
