"""Connections of every kind, opened and closed; after each cycle the sidecar must be in its initial state."""

from __future__ import annotations

import asyncio
import json
import struct
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from sidecar.client import CallError
from soaking.descriptions import with_another_fingerprint
from soaking.receiver import Receiver
from soaking.samples import Sample
from soaking.subject import CALL_SECONDS, SoakError, Subject

DEVICE = "test:pattern"
FORMAT = {"width": 320, "height": 180, "fps": 30}
OTHER_FORMAT = {"width": 640, "height": 480}
ORIGIN = "tauri://localhost"
LONG_RUN = 2400
"""Cycles after which the memory is judged: the first half fills the memory of 1,024 ended connections and sessions."""

SAMPLES = 100
"""Samples of the process's resources, spread over the run."""

STREAMED_PICTURES = 3
MESSAGE = struct.Struct(">BxxxI")
"""The start of a local stream's message: type and sequence number."""

DESCRIPTION = 3
MAX_WRONG = 20
Cycle = Callable[[Subject], Awaitable[None]]


@dataclass
class CyclesReport:
    """The samples of the process at rest, the number of cycles of each kind, and the failures."""

    samples: list[Sample] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


async def cycle(subject: Subject, count: int, random: Random, tell: Callable[[str], None]) -> CyclesReport:
    """Run `count` cycles, or end after MAX_WRONG failures."""
    report = CyclesReport()
    for number in range(1, count + 1):
        kind = random.choices(list(KINDS), list(KINDS.values()))[0]
        try:
            await _go_through(subject, kind)
        except SoakError as error:
            report.wrong.append(str(error))
        report.done[kind.__name__] += 1
        tell(f"{number} of {count} cycles, {len(report.wrong)} failures")
        gave_up = len(report.wrong) == MAX_WRONG
        if gave_up or number * SAMPLES // count > (number - 1) * SAMPLES // count:
            report.samples.append(await subject.sample(f"{number} cycles"))
        if gave_up:
            break
    return report


async def _go_through(subject: Subject, kind: Cycle) -> None:
    subject.client.notifications.clear()
    try:
        async with asyncio.timeout(CALL_SECONDS):
            await kind(subject)
    except TimeoutError:
        raise SoakError(f"{kind.__name__} took more than {CALL_SECONDS:g} s") from None
    except (SoakError, CallError, ConnectionClosed) as error:
        raise SoakError(f"{kind.__name__}: {error}") from error


# -- the kinds ---------------------------------------------------------------------------------------------------------


async def streamed(subject: Subject) -> None:
    """A viewer answers and gets pictures, then the connection is closed by request."""
    async with _answered(subject) as (receiver, connection_id):
        await receiver.pictures(STREAMED_PICTURES)
        await _close(subject, connection_id)


async def left(subject: Subject) -> None:
    """A viewer closes its connection."""
    async with _answered(subject) as (receiver, connection_id):
        await receiver.pictures(1)
        await receiver.close()
        await _closed_by_itself(subject, connection_id)


async def closed_while_connecting(subject: Subject) -> None:
    """A connection is closed right after its answer."""
    async with _answered(subject) as (_, connection_id):
        await _close(subject, connection_id)


async def closed_before_the_answer(subject: Subject) -> None:
    """A connection with an early candidate is closed before the answer."""
    offer = await subject.call("start_camera_webrtc_session", device_id=DEVICE, format=FORMAT)
    candidate = {"candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host", "sdpMid": "0"}
    await subject.call("add_ice_candidate", connection_id=offer["connection_id"], candidate=candidate)
    await _close(subject, offer["connection_id"])


async def answered_by_us(subject: Subject) -> None:
    """The viewer makes the offer."""
    receiver = Receiver()
    try:
        connection_id = (await subject.call("create_peer_connection"))["connection_id"]
        await subject.call("connect_camera_to_webrtc", connection_id=connection_id, device_id=DEVICE)
        offer = {"type": "offer", "sdp": await receiver.offer()}
        await subject.call("set_remote_description", connection_id=connection_id, description=offer)
        await receiver.take_answer((await subject.call("create_answer", connection_id=connection_id))["sdp"])
        await receiver.pictures(1)
        await _close(subject, connection_id)
    finally:
        await receiver.close()


async def offered_only(subject: Subject) -> None:
    """A connection without a camera."""
    offer = await subject.call("create_offer", ice_servers=[])
    await _close(subject, offer["connection_id"])


async def failed(subject: Subject) -> None:
    """A viewer's certificate differs from the fingerprint in its answer."""
    async with _answered(subject, with_another_fingerprint) as (_, connection_id):
        await _closed_by_itself(subject, connection_id)


async def refused(subject: Subject) -> None:
    """A viewer's answer is invalid."""
    offer = await subject.call("start_camera_webrtc_session", device_id=DEVICE, format=FORMAT)
    answer = {"type": "answer", "sdp": "v=0\r\ns=-\r\n"}
    with suppress(CallError):
        await subject.call("set_remote_description", connection_id=offer["connection_id"], description=answer)
        raise SoakError("an answer without a video was accepted")
    await _close(subject, offer["connection_id"])


async def local_not_opened(subject: Subject) -> None:
    """A local stream is closed before a viewer opens it."""
    local = await subject.call("start_camera_local_session", device_id=DEVICE, format=FORMAT)
    await _close(subject, local["connection_id"])


async def local_streamed(subject: Subject) -> None:
    """A local stream's viewer takes pictures and disconnects."""
    local = await subject.call("start_camera_local_session", device_id=DEVICE, format=FORMAT)
    async with connect(local["url"], additional_headers={"Origin": ORIGIN}, compression=None) as socket:
        for _ in range(STREAMED_PICTURES):
            await _take_message(socket)
    await _closed_by_itself(subject, local["connection_id"])


async def in_another_format(subject: Subject) -> None:
    """The camera of a local stream changes its format, and a photo is taken."""
    local = await subject.call("start_camera_local_session", device_id=DEVICE, format=FORMAT)
    async with connect(local["url"], additional_headers={"Origin": ORIGIN}, compression=None) as socket:
        await _take_message(socket)
        await subject.call("set_format", session_id=local["session_id"], format=OTHER_FORMAT)
        await subject.call("take_photo", session_id=local["session_id"])
        await _take_message(socket)
    await _closed_by_itself(subject, local["connection_id"])


async def without_a_viewer(subject: Subject) -> None:
    """A session without a viewer is started and stopped."""
    session = await subject.call("start_streaming", device_id=DEVICE, format=FORMAT)
    await subject.call("stop_streaming", session_id=session["session_id"])


KINDS: dict[Cycle, int] = {
    streamed: 30,
    left: 10,
    closed_while_connecting: 10,
    closed_before_the_answer: 10,
    answered_by_us: 10,
    offered_only: 5,
    failed: 5,
    refused: 5,
    local_not_opened: 5,
    local_streamed: 10,
    in_another_format: 10,
    without_a_viewer: 10,
}
"""Every kind with its relative frequency."""


# -- parts of the kinds ------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _answered(
    subject: Subject, changed: Callable[[str], str] = lambda sdp: sdp
) -> AsyncIterator[tuple[Receiver, str]]:
    """A viewer that has answered, and the connection's id; `changed` edits the answer for the sidecar."""
    receiver = Receiver()
    try:
        offer: dict[str, Any] = await subject.call("start_camera_webrtc_session", device_id=DEVICE, format=FORMAT)
        answer = {"type": "answer", "sdp": changed(await receiver.answer(offer["sdp"]))}
        await subject.call("set_remote_description", connection_id=offer["connection_id"], description=answer)
        yield receiver, offer["connection_id"]
    finally:
        await receiver.close()


async def _take_message(socket: ClientConnection) -> None:
    """Receive one message of a local stream and acknowledge a picture."""
    message = await socket.recv(decode=False)
    kind, sequence = MESSAGE.unpack_from(message)
    if kind != DESCRIPTION:
        await socket.send(json.dumps({"received": sequence}))


async def _close(subject: Subject, connection_id: str) -> None:
    closed = await subject.call("close_connection", connection_id=connection_id)
    if closed["already_closed"] or not closed["camera_released"]:
        raise SoakError(f"the connection was closed already, or its camera was not released: {closed}")


async def _closed_by_itself(subject: Subject, connection_id: str) -> None:
    await subject.client.notification(
        "connection_state",
        lambda event: bool(event["connection_id"] == connection_id and event["state"] == "closed"),
        timeout=CALL_SECONDS,
    )
    closed = await subject.call("close_connection", connection_id=connection_id)
    if not closed["already_closed"]:
        raise SoakError(f"the connection reported the state closed but was not closed: {closed}")
