"""How the picture fares on links that are thin or lose packets: two network namespaces and a cable between them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path

from benchmark.receiver import Picture, Receiver, open_receiver
from benchmark.sender import Sender, Subject, running
from sidecar.client import SidecarGoneError
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

WARM_UP_SECONDS = 8.0
THIN_SECONDS = 15.0
WIDE_AGAIN_SECONDS = 25.0
LOSSY_SECONDS = 20.0

SETTLED_LATENCY = 250.0
"""Milliseconds: a queue as long as the cable's is what a sender that does not adapt stands in for good."""

SETTLED_GAP = 0.25


def longest_gap(pictures: Sequence[Picture], since: float, until: float) -> float:
    """Seconds that one picture stood longest, between two times."""
    times = [since, *(picture.at for picture in pictures if since <= picture.at <= until), until]
    return max(after - before for before, after in pairwise(times))


def settled_after(pictures: Sequence[Picture], since: float, until: float) -> float:
    """Seconds from `since` until pictures came and went on coming quickly and without delay."""
    bad = since
    before = since
    for picture in pictures:
        if since <= picture.at <= until:
            late = picture.latency is None or picture.latency > SETTLED_LATENCY
            if late or picture.at - before > SETTLED_GAP:
                bad = picture.at
            before = picture.at
    return bad - since


def rate(pictures: Sequence[Picture], since: float, until: float) -> float:
    return sum(since <= picture.at <= until for picture in pictures) / (until - since)


def latency(pictures: Sequence[Picture], since: float, until: float, percent: int) -> float:
    found = sorted(p.latency for p in pictures if since <= p.at <= until and p.latency is not None)
    return found[min(int(percent / 100 * len(found)), len(found) - 1)] if found else float("nan")


@asynccontextmanager
async def ends(folder: Path, subject: Subject, program: str) -> AsyncIterator[tuple[Cable, Sender, Receiver]]:
    async with cable() as made:
        script = made.viewer.script(folder / "chromium", program)
        async with (
            open_receiver(str(script)) as receiver,
            running(subject, lambda command: made.sender.command(*command)) as sender,
        ):
            yield made, sender, receiver


@asynccontextmanager
async def over_relay(made: Cable, sender: Sender, receiver: Receiver, impairment: Impairment) -> AsyncIterator[None]:
    offer = await sender.offer(bitrate=None)
    async with relay(made.viewer, candidate_address(offer.sdp, SENDER), impairment) as address:
        answer = await receiver.answer(with_only_candidate(offer.sdp, address))
        await sender.take_answer(offer, without_candidates(answer))
        try:
            yield
        finally:
            await receiver.stop()
            with suppress(SidecarGoneError):
                await sender.close(offer)


@asynccontextmanager
async def over_cable(sender: Sender, receiver: Receiver) -> AsyncIterator[None]:
    offer = await sender.offer(bitrate=None)
    await sender.take_answer(offer, await receiver.answer(offer.sdp))
    await receiver.trickle(lambda candidate: sender.add_candidate(offer, candidate))
    try:
        yield
    finally:
        await receiver.stop()
        with suppress(SidecarGoneError):
            await sender.close(offer)
