"""The benchmarks of the picture, the local session, the session's start and the offer."""

from __future__ import annotations

import asyncio
import socket
import statistics
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from functools import partial

from environment import ROOT

from benchmark import local as local_session
from benchmark.figures import Sample, ratio, samples
from benchmark.load import ProcessMeter, measured
from benchmark.receiver import Receiver
from benchmark.sender import BITRATE, FORMAT, SENDERS, Offer, Sender, running
from sidecar.client import SidecarGoneError

WARM_UP_FRAMES = 90
"""Pictures shown before the measurement, after which the receiver's estimates and both encoders have settled."""

BARE_WARM_UP = 1.0
"""Seconds that the bare loop runs before the measurement."""

READY_LIMIT = 20.0
"""Seconds for the bare loop to start."""

STARTS = 5
OFFERS = 5
SLOW_OFFERS = 1
"""Measurements in a round; plain aiortc takes five seconds for an offer with a silent STUN server."""

Show = Callable[[str], None]


async def picture(receiver: Receiver, seconds: float, show: Show) -> list[Sample]:
    """Measure latency, rate and CPU of both senders, and the CPU of the bare loop."""
    show("the bare loop")
    bare = samples("bare loop", await measured(partial(bare_loop, seconds)))
    taken = list(bare)
    for subject in SENDERS:
        show(f"the picture, {subject}")
        async with running(subject) as sender, session(sender, receiver):
            await receiver.wait_for_frames(WARM_UP_FRAMES)
            taken += samples(subject, await measured(partial(watch, sender, receiver, seconds)))
    costs = [sample for sample in taken if sample.figure == "cpu"]
    return taken + [ratio("cpu_ratio", cost, costs[0]) for cost in costs[1:]]


async def watch(sender: Sender, receiver: Receiver, seconds: float) -> dict[str, float]:
    """Measure a running session for some seconds; raises RuntimeError when the picture has another size."""
    received = (await receiver.results()).received
    await receiver.restart()
    cpu = ProcessMeter(sender.pid)
    await asyncio.sleep(seconds)
    cost, seen = cpu.percent(), await receiver.results()
    if seen.size != (FORMAT["width"], FORMAT["height"]):
        raise RuntimeError(f"the picture has shrunk to {seen.size}, so the senders cannot be compared")
    return {
        "latency_p50": seen.latency(50),
        "latency_p95": seen.latency(95),
        "fps": seen.fps,
        "bitrate": 8e-6 * (seen.received - received) / seen.seconds,
        "cpu": cost,
    }


async def local(receiver: Receiver, seconds: float, show: Show) -> list[Sample]:
    """Measure the latency of a local session in each available webview, beside the latency of WebRTC."""
    async with running("sidecar") as sender:
        show("the picture over WebRTC")
        async with session(sender, receiver):
            await receiver.wait_for_frames(WARM_UP_FRAMES)
            found = await measured(partial(watch, sender, receiver, seconds))
            webrtc = next(sample for sample in samples("sidecar", found) if sample.figure == "latency_p50")
        show("a local session in Chromium")
        in_chromium = partial(local_session.in_chromium, sender, receiver, seconds, WARM_UP_FRAMES)
        taken = samples("sidecar", await measured(in_chromium))
    if local_session.why_no_webkitgtk() is None:
        show("a local session in WebKitGTK")
        in_webkitgtk = partial(local_session.in_webkitgtk, seconds, WARM_UP_FRAMES)
        taken += samples("sidecar", await measured(in_webkitgtk))
    halves = [sample for sample in taken if sample.figure.endswith("_p50")]
    taken += [ratio(half.figure.replace("p50", "ratio"), half, webrtc) for half in halves]
    if local_session.why_no_webkitgtk() is None:
        show("a track of the local session in WebKitGTK")
        track = partial(local_session.track_in_webkitgtk, seconds, WARM_UP_FRAMES)
        taken += samples("sidecar", await measured(track))
    return taken


async def bare_loop(seconds: float) -> dict[str, float]:
    """Measure the processor time of generating, converting and encoding alone, in a separate process."""
    settings = [FORMAT["width"], FORMAT["height"], FORMAT["fps"], BITRATE]
    command = [sys.executable, "-m", "benchmark.bare_loop", *map(str, settings)]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, cwd=ROOT)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_LIMIT):
            if not await process.stdout.readline():
                raise RuntimeError("the bare loop did not start")
        await asyncio.sleep(BARE_WARM_UP)
        cpu = ProcessMeter(process.pid)
        await asyncio.sleep(seconds)
        return {"cpu": cpu.percent()}
    finally:
        if process.returncode is None:
            process.kill()  # the process has no resource that needs an orderly end
        await process.wait()


async def start(receiver: Receiver, show: Show) -> list[Sample]:
    """Measure the time from the call that starts a session to the first picture on the receiver's screen."""
    taken: list[Sample] = []
    for subject in SENDERS:
        async with running(subject) as sender:
            show(f"the first picture, {subject}, camera cold")
            taken += samples(subject, await measured(partial(first_pictures, "first_frame_cold", sender, receiver)))
            if subject == "sidecar":
                show(f"the first picture, {subject}, camera warm")
                async with sender.warm_camera():
                    found = await measured(partial(first_pictures, "first_frame_warm", sender, receiver))
                    taken += samples(subject, found)
    return taken


async def first_pictures(figure: str, sender: Sender, receiver: Receiver) -> dict[str, float]:
    """Return the median time of STARTS starts, in milliseconds."""
    times = []
    for _ in range(STARTS):
        async with session(sender, receiver) as offer:
            await receiver.wait_for_frames(1)
            times.append(1000 * ((await receiver.results()).first_frame_at - offer.asked_at))
    return {figure: statistics.median(times)}


async def offer(show: Show) -> list[Sample]:
    """Measure the time of an offer with the session's start; the sidecar's camera is open already."""
    taken: list[Sample] = []
    for subject in SENDERS:
        show(f"offers, {subject}")
        async with running(subject) as sender:
            with silent_stun_server() as silent:
                async with sender.warm_camera() if subject == "sidecar" else nullcontext():
                    quick = await measured(partial(offers, "offer", sender, [], OFFERS))
                    count = OFFERS if subject == "sidecar" else SLOW_OFFERS
                    slow = await measured(partial(offers, "offer_silent_stun", sender, [silent], count))
                    taken += [*samples(subject, quick), *samples(subject, slow)]
    return taken


async def offers(figure: str, sender: Sender, stun_servers: list[str], count: int) -> dict[str, float]:
    """Return the median time of `count` offers, in milliseconds."""
    times = []
    for _ in range(count):
        made = await sender.offer(stun_servers)
        times.append(made.milliseconds)
        await sender.close(made)
    return {figure: statistics.median(times)}


@asynccontextmanager
async def session(sender: Sender, receiver: Receiver) -> AsyncIterator[Offer]:
    """A session between sender and receiver, closed with the block."""
    made = await sender.offer()
    try:
        await sender.take_answer(made, await receiver.answer(made.sdp))
        await receiver.trickle(lambda candidate: sender.add_candidate(made, candidate))
        yield made
    finally:
        await receiver.stop()
        with suppress(SidecarGoneError):  # Ctrl-C reaches the sender as well
            await sender.close(made)


@contextmanager
def silent_stun_server() -> Iterator[str]:
    """The URL of a UDP socket that takes requests and never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taker:
        taker.bind(("127.0.0.1", 0))
        yield f"stun:127.0.0.1:{taker.getsockname()[1]}"
