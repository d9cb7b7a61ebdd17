"""The picture on thin and lossy links: two network namespaces with a cable between them."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmark.figures import Sample, samples
from benchmark.load import measured
from benchmark.receiver import NoBrowserError, Receiver, open_receiver
from benchmark.sender import FORMAT, SENDERS, Sender, Subject, running
from benchmark.shown import Shown
from sidecar.client import SidecarGoneError
from tests.support.namespaces import why_no_namespaces
from tests.support.thin_link import (
    SENDER,
    Cable,
    Impairment,
    cable,
    candidate_address,
    relay,
    with_only_candidate,
    without_candidates,
)

WIDE, THIN = 4_000_000, 800_000
"""Bits per second."""

LOSSY = Impairment(loss=0.05, delay=0.05, jitter=0.02)
"""In both directions, so a round trip takes 100 ms ± 40, and a retransmission request may be lost itself."""

WARM_UP_FRAMES = 30
SETTLE_SECONDS = 8.0
"""Seconds before the measurement, after which the bitrate fits the link capacity."""

THIN_SECONDS = 12.0
SETTLED_WITHIN = 3.0
"""Seconds after the cut from which the picture counts as the picture of a thin link."""

WIDE_AGAIN_SECONDS = 20.0
LOSSY_SECONDS = 15.0

Show = Callable[[str], None]


class NoNetworkError(Exception):
    """The network namespaces cannot be made on this machine."""


@dataclass(frozen=True)
class Ends:
    """A sender and a receiver at the two ends of a cable."""

    cable: Cable
    sender: Sender
    receiver: Receiver


@asynccontextmanager
async def ends(subject: Subject, picture: Mapping[str, int] = FORMAT) -> AsyncIterator[Ends]:
    """A sender and a receiver in their namespaces. Raises NoNetworkError and NoBrowserError."""
    reason = why_no_namespaces() or (None if shutil.which("tc") else "needs tc")
    if reason is not None:
        raise NoNetworkError(f"No thin link can be made here: {reason}.")
    chromium = shutil.which("chromium")
    if chromium is None:
        raise NoBrowserError("Chromium is needed as the receiver. On Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        async with cable() as made:
            script = made.viewer.script(Path(folder) / "chromium", chromium)
            async with (
                open_receiver(str(script)) as receiver,
                running(subject, lambda command: made.sender.command(*command), picture) as sender,
            ):
                yield Ends(made, sender, receiver)


@asynccontextmanager
async def over_cable(both: Ends) -> AsyncIterator[None]:
    """A session over the cable."""
    offer = await both.sender.offer(bitrate=None)
    try:
        await both.sender.take_answer(offer, await both.receiver.answer(offer.sdp))
        await both.receiver.trickle(lambda candidate: both.sender.add_candidate(offer, candidate))
        await both.receiver.wait_for_frames(WARM_UP_FRAMES)
        yield
    finally:
        await both.receiver.stop()
        with suppress(SidecarGoneError):
            await both.sender.close(offer)


@asynccontextmanager
async def over_relay(both: Ends, impairment: Impairment) -> AsyncIterator[None]:
    """A session over a relay that loses and delays packets."""
    offer = await both.sender.offer(bitrate=None)
    try:
        async with relay(both.cable.viewer, candidate_address(offer.sdp, SENDER), impairment) as address:
            answer = await both.receiver.answer(with_only_candidate(offer.sdp, address))
            await both.sender.take_answer(offer, without_candidates(answer))
            await both.receiver.wait_for_frames(WARM_UP_FRAMES)
            yield
            await both.receiver.stop()
    finally:
        with suppress(SidecarGoneError):
            await both.sender.close(offer)


async def thin(both: Ends) -> dict[str, float]:
    """Measure with a link capacity of 4 Mbit/s, then 0.8, then 4 again."""
    await both.cable.limit(WIDE)
    async with over_cable(both):
        await asyncio.sleep(SETTLE_SECONDS)
        await both.receiver.restart()
        cut_at = time.time()
        await both.cable.limit(THIN)
        await asyncio.sleep(THIN_SECONDS)
        widened_at = time.time()
        await both.cable.limit(WIDE)
        await asyncio.sleep(WIDE_AGAIN_SECONDS)
        ended_at = time.time()
        shown = Shown(await both.receiver.shown())
    at_rest = shown.between(cut_at + SETTLED_WITHIN, widened_at)
    again = shown.between(widened_at, ended_at)
    return {
        "thin_freeze": 1000 * shown.between(cut_at, widened_at).longest_gap,
        "thin_settled": shown.between(cut_at, widened_at).settled_after,
        "thin_fps": at_rest.fps,
        "thin_latency_p95": at_rest.latency(95),
        "wide_freeze": 1000 * again.longest_gap,
        "wide_fps": again.fps,
    }


async def lossy(both: Ends) -> dict[str, float]:
    """Measure with 5 % packet loss and a delay of 50 ms ± 20 in each direction."""
    async with over_relay(both, LOSSY):
        await asyncio.sleep(SETTLE_SECONDS)
        await both.receiver.restart()
        before, since = (await both.receiver.results()).decoded, time.time()
        await asyncio.sleep(LOSSY_SECONDS)
        decoded, until = (await both.receiver.results()).decoded, time.time()
        shown = Shown(await both.receiver.shown()).between(since, until)
    return {
        "lossy_fps": shown.fps,
        "lossy_decoded": (decoded - before) / (until - since),
        "lossy_freeze": 1000 * shown.longest_gap,
        "lossy_latency_p50": shown.latency(50),
        "lossy_latency_p95": shown.latency(95),
    }


async def links(show: Show) -> list[Sample]:
    """Measure both links with both senders. Raises NoNetworkError and NoBrowserError."""
    taken: list[Sample] = []
    for subject in SENDERS:
        for name, measure in (("a thin link", thin), ("a lossy link", lossy)):
            show(f"{name}, {subject}")
            async with ends(subject) as both:
                taken += samples(subject, await measured(partial(measure, both)))
    return taken
