"""Random faults of viewers, pages and disks, which the sidecar must tolerate."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from random import Random
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from sidecar.client import CallError
from soaking import descriptions, strangers
from soaking.audience import Viewer
from soaking.cycles import DEVICE, FORMAT, ORIGIN
from soaking.moved_camera import MovedCamera
from soaking.receiver import Receiver
from soaking.signalling import Signalling
from soaking.source import VideoFile
from soaking.subject import SoakError, Subject

logger = logging.getLogger(__name__)

MAX_VIEWERS = 5
CROWD = 4
"""The largest number of connections of one viewer."""

SHORT_FREEZE = 1.0
"""The longest suspension, in seconds, that leaves a viewer connected."""

LONG_FREEZE = 9.0
"""The longest suspension or network loss of a viewer, in seconds: just below the sidecar's time limit for it."""

LONGEST_ABSENCE = 5.0
"""The longest absence of the video file, in seconds."""

LONGEST_PAUSE = 2.0
"""The longest time, in seconds, without reading the sidecar's output."""

UNREAD_ANSWERS = 40
"""Answers of about 70 kB each: more than a pipe holds, below the sidecar's limit for unread output."""

ATTACKS = 20
"""The largest number of foreign datagrams for one port."""

STORM = 50
"""Concurrent requests for a keyframe."""


class Faults:
    """The faults. Several may run at the same time.

    `viewers` are the viewers without a fault at the moment; `gone` are the ids of connections whose viewer is gone.
    """

    def __init__(
        self,
        subject: Subject,
        signalling: Signalling,
        video: VideoFile,
        moved: MovedCamera,
        random: Random,
        long_freeze: float,
    ) -> None:
        self.viewers: list[Viewer] = []
        self.gone: set[str] = set()
        self.done: Counter[str] = Counter()
        self._subject = subject
        self._signalling = signalling
        self._video = video
        self._moved = moved
        self._random = random
        self._long_freeze = long_freeze
        self._kinds: dict[Callable[[], Awaitable[None]], int] = {
            self.arrive: 12,
            self.leave: 3,
            self.close_under_a_viewer: 3,
            self.kill: 3,
            self.freeze_shortly: 3,
            self.freeze_long: 1,
            self.freeze_and_leave: 1,
            self.lose_the_network: 2,
            self.give_up_the_ways: 2,
            self.answer_wrongly: 4,
            self.send_candidates: 4,
            self.be_attacked_by_strangers: 3,
            self.take_the_video_away: 2,
            self.follow_a_redirect: 2,
            self.set_encoding: 4,
            self.storm_for_keyframes: 2,
            self.subscribe: 2,
            self.read_nothing: 1,
            self.open_a_local_stream: 4,
            self.forget_a_local_stream: 1,
            self.keep_a_camera_open: 2,
        }

    async def one(self) -> None:
        """Inject a random fault. Raises SoakError with the fault's name."""
        kind = self._random.choices(list(self._kinds), list(self._kinds.values()))[0]
        name = kind.__name__
        logger.debug("%s", name)
        try:
            await kind()
        except (SoakError, CallError) as error:
            raise SoakError(f"{name}: {error}") from error
        logger.debug("%s is over", name)
        self.done[name] += 1

    # -- viewers come and go -------------------------------------------------------------------------------------------

    async def arrive(self) -> None:
        """A viewer comes with one connection or with CROWD."""
        if len(self.viewers) >= MAX_VIEWERS:
            return
        device_id = self._random.choice([DEVICE, DEVICE, self._video.device_id])
        viewer = await Viewer.start()
        try:
            for _ in range(self._random.choice([1, 1, 1, CROWD])):
                await self._show(viewer, device_id)
        except CallError as error:
            await self._dismiss(viewer)
            if device_id == DEVICE:
                raise SoakError(f"refused: {error}") from error
            return
        viewer.may_lose_its_picture = device_id != DEVICE
        self.viewers.append(viewer)

    async def leave(self) -> None:
        """A viewer closes its connections."""
        for viewer in self._some():
            await self._dismiss(viewer)

    async def close_under_a_viewer(self) -> None:
        """A viewer's connections are closed by request, then the viewer ends."""
        for viewer in self._some():
            await asyncio.gather(
                *(self._subject.call("close_connection", connection_id=one) for one in viewer.connections)
            )
            await viewer.leave()

    async def kill(self) -> None:
        """A viewer's process is killed."""
        for viewer in self._some():
            await viewer.kill()
            self.gone.update(viewer.connections)

    async def freeze_shortly(self) -> None:
        """A viewer is suspended shortly and stays connected."""
        for viewer in self._some():
            await self._freeze(viewer, SHORT_FREEZE)
            self.viewers.append(viewer)

    async def freeze_long(self) -> None:
        """A viewer is suspended until it is lost, then answers the pending offers and reconnects."""
        for viewer in self._some():
            await self._freeze(viewer, self._long_freeze)
            self.viewers.append(viewer)

    async def freeze_and_leave(self) -> None:
        """A viewer is suspended until it is lost, or nearly, and then closes its connections."""
        for viewer in self._some():
            await self._freeze(viewer, self._long_freeze)
            await self._dismiss(viewer)

    async def lose_the_network(self) -> None:
        """A viewer loses its network for a while and reconnects."""
        for viewer in self._some():
            seconds = self._random.uniform(0, self._long_freeze)
            await viewer.lose_the_network(seconds)
            await asyncio.sleep(seconds)
            self.viewers.append(viewer)

    async def give_up_the_ways(self) -> None:
        """A viewer's present paths are cut for good, and it reconnects on new ones."""
        for viewer in self._some():
            await viewer.give_up_its_ways(needs_fresh_receivers=self._random.random() < 0.5)
            self.viewers.append(viewer)

    # -- wrong pages ---------------------------------------------------------------------------------------------------

    async def answer_wrongly(self) -> None:
        """A session gets an invalid answer and is closed."""
        offer = await self._subject.call("start_camera_webrtc_session", device_id=DEVICE, format=FORMAT)
        receiver = Receiver()
        try:
            answer = await receiver.answer(offer["sdp"])
            changes = (descriptions.mangled(answer, self._random), descriptions.swollen(answer, self._random))
            changed = self._random.choice([*changes, offer["sdp"], "", "v=0"])
            await self._describe(offer["connection_id"], self._random.choice(["answer", "offer"]), changed)
            await self._describe(offer["connection_id"], "answer", descriptions.with_another_fingerprint(answer))
            await asyncio.sleep(self._random.uniform(0, 0.5))
            await self._subject.call("close_connection", connection_id=offer["connection_id"])
        finally:
            await receiver.close()

    async def send_candidates(self) -> None:
        """Unusable candidates come for connected viewers and for a connection without an answer."""
        connection_id = (await self._subject.call("create_offer", ice_servers=[]))["connection_id"]
        targets = [connection_id, *(one for viewer in self.viewers for one in viewer.connections)]
        for _ in range(self._random.randint(1, 30)):
            await self._subject.call_anyway(
                "add_ice_candidate",
                connection_id=self._random.choice(targets),
                candidate=descriptions.candidate(self._random),
            )
        await self._subject.call("close_connection", connection_id=connection_id)

    async def be_attacked_by_strangers(self) -> None:
        """Foreign datagrams reach every UDP port of the sidecar."""
        targets = self._subject.udp_addresses()
        for _ in range(self._random.randint(1, ATTACKS)):
            for target in targets:
                strangers.send(target, self._random)
            await asyncio.sleep(0)

    async def storm_for_keyframes(self) -> None:
        """STORM keyframe requests come at once."""
        for session_id in self._any_session():
            await asyncio.gather(
                *(self._subject.call_anyway("request_keyframe", session_id=session_id) for _ in range(STORM))
            )

    async def set_encoding(self) -> None:
        """The encoding gets another bitrate, another frame rate, or both."""
        wishes = {"bitrate": self._random.randint(50_000, 5_000_000), "fps": self._random.uniform(1, 60)}
        chosen = self._random.sample(list(wishes), self._random.randint(1, 2))
        for session_id in self._any_session():
            await self._subject.call_anyway(
                "set_encoding", session_id=session_id, **{name: wishes[name] for name in chosen}
            )

    async def subscribe(self) -> None:
        """The client subscribes to statistics with a random interval, 0 to end the subscription."""
        await self._subject.call("subscribe_stats", interval_ms=self._random.choice([0, 1, 100, 500, 1000]))

    async def read_nothing(self) -> None:
        """The client, which is this whole program, does not read while answers are due."""
        calls = [asyncio.create_task(self._subject.call_anyway("rpc.discover")) for _ in range(UNREAD_ANSWERS)]
        await asyncio.sleep(0)
        time.sleep(self._random.uniform(0.1, LONGEST_PAUSE))  # noqa: ASYNC251 - that is the fault
        await asyncio.gather(*calls)

    # -- cameras and local streams -------------------------------------------------------------------------------------

    async def take_the_video_away(self) -> None:
        """The video file is gone for a while."""
        self._video.vanish()
        await asyncio.sleep(self._random.uniform(0, LONGEST_ABSENCE))
        self._video.come_back()

    async def follow_a_redirect(self) -> None:
        """A network camera redirects to itself endlessly, or to a port that is not allowed."""
        device_id = self._random.choice(self._moved.device_ids)
        if await self._subject.call_anyway("start_streaming", device_id=device_id) is not None:
            raise SoakError("a camera that only redirects was opened")
        if self._moved.elsewhere:
            raise SoakError("a redirect led to a port that is not allowed")

    async def open_a_local_stream(self) -> None:
        """A webview receives some messages, acknowledges none and aborts the connection."""
        local = await self._subject.call("start_camera_local_session", device_id=DEVICE, format=FORMAT)
        async with connect(local["url"], additional_headers={"Origin": ORIGIN}, compression=None) as socket:
            with suppress(ConnectionClosed):  # by the sidecar, when few pictures make the loop too slow
                for _ in range(self._random.randint(1, 10)):
                    await socket.recv()
            socket.transport.abort()
        self.gone.add(local["connection_id"])

    async def forget_a_local_stream(self) -> None:
        """A webview never opens its local stream."""
        local = await self._subject.call("start_camera_local_session", device_id=DEVICE, format=FORMAT)
        self.gone.add(local["connection_id"])

    async def keep_a_camera_open(self) -> None:
        """A session without a viewer is stopped after a while, or with the other sessions."""
        session = await self._subject.call("start_streaming", device_id=DEVICE, format=FORMAT)
        await asyncio.sleep(self._random.uniform(0, 1))
        if self._random.random() < 0.5:
            await self._subject.call("stop_streaming", session_id=session["session_id"])

    # -- parts of the faults -------------------------------------------------------------------------------------------

    async def _show(self, viewer: Viewer, device_id: str) -> None:
        offer: dict[str, Any] = await self._subject.call(
            "start_camera_webrtc_session", device_id=device_id, format=FORMAT
        )
        viewer.sessions.append(offer["session_id"])
        self._signalling.carry_to(viewer, offer["connection_id"])
        answer = {"type": "answer", "sdp": await viewer.answer(offer["connection_id"], offer["sdp"])}
        await self._subject.call("set_remote_description", connection_id=offer["connection_id"], description=answer)

    async def _dismiss(self, viewer: Viewer) -> None:
        await viewer.leave()
        self.gone.update(viewer.connections)

    async def _freeze(self, viewer: Viewer, longest: float) -> None:
        viewer.freeze()
        try:
            await asyncio.sleep(self._random.uniform(0, longest))
        finally:
            viewer.thaw()

    async def _describe(self, connection_id: str, kind: str, sdp: str) -> None:
        description = {"type": kind, "sdp": sdp}
        await self._subject.call_anyway("set_remote_description", connection_id=connection_id, description=description)

    def _some(self) -> Iterable[Viewer]:
        """Take a random viewer out of `viewers`, so that no other fault affects it; nothing without viewers."""
        if self.viewers:
            viewer = self.viewers.pop(self._random.randrange(len(self.viewers)))
            logger.debug("this happens to %s", viewer.connections)
            yield viewer

    def _any_session(self) -> Iterable[str]:
        sessions = [one for viewer in self.viewers for one in viewer.sessions]
        return [self._random.choice(sessions)] if sessions else []
