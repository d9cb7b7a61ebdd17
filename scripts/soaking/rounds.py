"""Rounds of random faults, each followed by a check and a sample of the sidecar at rest."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from random import Random

from soaking.audience import Viewer
from soaking.faults import LONG_FREEZE, Faults
from soaking.moved_camera import MovedCamera
from soaking.samples import Sample
from soaking.signalling import Signalling
from soaking.source import VideoFile
from soaking.subject import SoakError, Subject

logger = logging.getLogger(__name__)

ROUND_SECONDS = 25.0
HANDS = 3
"""Faults at the same time."""

LONGEST_BREATH = 0.5
"""Seconds between two faults of one hand."""

PICTURE_SECONDS = 30.0
"""Seconds for a viewer's next picture at the end of a round, on a busy machine."""

GONE_SECONDS = 90.0
"""Seconds for the end of a vanished viewer's connection, recovery included."""

PING_SECONDS = 1.0
"""Seconds between two pings."""

MAX_WRONG = 20


class Rounds:
    """The rounds; `wrong` are the failures so far, `slowest_ping` is the longest answering time in seconds."""

    def __init__(
        self,
        subject: Subject,
        video: VideoFile,
        moved: MovedCamera,
        random: Random,
        tell: Callable[[str], None],
        *,
        long_freeze: float = LONG_FREEZE,
    ) -> None:
        self.signalling = Signalling(subject)
        self.faults = Faults(subject, self.signalling, video, moved, random, long_freeze)
        self.samples: list[Sample] = []
        self.wrong: list[str] = []
        self.slowest_ping = 0.0
        self._subject = subject
        self._video = video
        self._random = random
        self._tell = tell

    async def go(self, seconds: float) -> None:
        """Run rounds until the time is over, at least three. Raises SoakError when the sidecar cannot go on."""
        pinging = asyncio.create_task(self._ping())
        until = time.monotonic() + seconds
        try:
            async with self.signalling.carried():
                while len(self.samples) < 3 or (time.monotonic() < until and len(self.wrong) < MAX_WRONG):
                    await self._round(min(ROUND_SECONDS, seconds / 3))
                    number = len(self.samples)
                    self._tell(f"round {number}, {self.faults.done.total()} faults, {len(self.wrong)} failures")
            if pinging.done():
                await pinging
        finally:
            pinging.cancel()
            await asyncio.gather(*(viewer.kill() for viewer in self.faults.viewers))

    async def _round(self, seconds: float) -> None:
        self._subject.client.notifications.clear()
        until = time.monotonic() + seconds
        await asyncio.gather(*(self._hand(until) for _ in range(HANDS)))
        await self._subject.call("subscribe_stats", interval_ms=0)
        logger.debug("the faults are over")
        await self._see_pictures()
        await self._see_the_video()
        await self._empty()
        self.samples.append(await self._subject.sample(f"{self.faults.done.total()} faults"))

    async def _hand(self, until: float) -> None:
        while time.monotonic() < until:
            try:
                await self.faults.one()
            except SoakError as error:
                self._complain(str(error))
            await asyncio.sleep(self._random.uniform(0, LONGEST_BREATH))

    async def _see_pictures(self) -> None:
        """Check that every viewer without a fault still gets pictures."""
        open_ones = await self._subject.open_connections()
        for viewer in self.faults.viewers:
            lost = set(viewer.connections) - open_ones
            if lost and viewer.may_lose_its_picture:
                continue
            if lost:
                self._complain(f"{len(lost)} connections of a viewer without a fault ended")
            elif not await viewer.more_pictures(PICTURE_SECONDS) and not viewer.may_lose_its_picture:
                self._complain(f"a viewer waited {PICTURE_SECONDS:g} s for a picture: {await self._about(viewer)}")

    def _complain(self, text: str) -> None:
        logger.debug("FAILED: %s", text)
        self.wrong.append(text)

    async def _about(self, viewer: Viewer) -> str:
        """Describe a viewer: its pictures, and the statistics of its connections and of all cameras."""
        stats = await self._subject.call("get_stats")
        names = ("state", "frames_sent", "pli_count", "packets_lost", "round_trip_time_ms")
        connections = [
            ", ".join(f"{name} {one[name]}" for name in names)
            for one in stats["connections"]
            if one["connection_id"] in viewer.connections
        ]
        cameras = [f"{one['fps']:.0f} fps of {one['frames_encoded']} pictures" for one in stats["cameras"]]
        return "; ".join([f"pictures {viewer.frames}", *connections, *cameras])

    async def _see_the_video(self) -> None:
        """Check that the video file, which is back, can be opened."""
        session = await self._subject.call("start_streaming", device_id=self._video.device_id)
        await self._subject.call("stop_streaming", session_id=session["session_id"])

    async def _empty(self) -> None:
        """End all viewers; check that the sidecar ends their connections."""
        while self.faults.viewers:
            await self._random.choice([self.faults.leave, self.faults.kill])()
        limit = time.monotonic() + GONE_SECONDS
        while left := self.faults.gone & await self._subject.open_connections():
            if time.monotonic() > limit:
                self._complain(f"{len(left)} connections still open {GONE_SECONDS:g} s after the end of their viewers")
                break
            await asyncio.sleep(0.2)
        self.faults.gone.clear()
        self.signalling.forget_all()

    async def _ping(self) -> None:
        while True:
            asked_at = time.monotonic()
            await self._subject.call("ping")
            self.slowest_ping = max(self.slowest_ping, time.monotonic() - asked_at)
            await asyncio.sleep(PING_SECONDS)
