"""A camera's source, and all that it tells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np

from sidecar.cameras.device import Format, RequestedFormat
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.lifecycle import CameraLifecycle
from sidecar.cameras.pattern.placeholder import BRIGHT, DARK, DIM
from sidecar.cameras.policy import CameraPolicy
from sidecar.cameras.providers.test_patterns import TEST_PATTERN
from sidecar.contract.errors import ContractError
from sidecar.contract.types import CameraStateName
from sidecar.media.frame import Frame
from sidecar.media.frame_slot import FrameSlot
from tests.support.faulty_cameras import FaultyCatalogue
from tests.support.notifications import LIMIT

WANTED = RequestedFormat(64, 36, 60)


class Watched:
    """A source, the states that it told, and a slot that its pictures go to."""

    def __init__(self, catalogue: FaultyCatalogue, policy: CameraPolicy | None = None) -> None:
        self.catalogue = catalogue
        self.policy = policy
        self.on_state: Callable[[CameraStateName], None] = lambda state: None
        self.formats: list[Format] = []
        self.told: list[tuple[CameraStateName, str | None]] = []
        self.slot = FrameSlot()
        self.source: CameraLifecycle
        self._came = asyncio.Event()

    async def open(self) -> None:
        drivers = Drivers(self.catalogue, self.policy)
        camera = await drivers.open(TEST_PATTERN, WANTED)
        self.source = CameraLifecycle(
            TEST_PATTERN, camera, drivers, self._tell, self._tell_format, wanted_fps=WANTED.fps
        )
        self.source.frames.add(self.slot)

    def _tell(self, state: CameraStateName, problem: ContractError | None) -> None:
        assert self.source.state == state
        assert self.source.problem is problem
        self.told.append((state, problem.message if problem else None))
        self._came.set()
        self.on_state(state)

    def _tell_format(self, told: Format) -> None:
        self.formats.append(told)
        self._came.set()

    async def until_format(self) -> Format:
        """The first format that was told."""
        async with asyncio.timeout(LIMIT):
            while not self.formats:
                self._came.clear()
                await self._came.wait()
        return self.formats[0]

    @property
    def states(self) -> list[CameraStateName]:
        return [state for state, _ in self.told]

    async def until(self, *states: CameraStateName) -> None:
        """Wait until exactly these were told, one after the other, since the source was opened."""
        async with asyncio.timeout(LIMIT):
            while len(self.told) < len(states):
                self._came.clear()
                await self._came.wait()
        assert tuple(self.states[: len(states)]) == states

    async def next_frame(self) -> Frame:
        frame = await asyncio.to_thread(self.slot.take, LIMIT)
        assert frame is not None
        return frame

    def lose(self) -> None:
        """Break the camera that is open now."""
        self.catalogue.opened[-1].broken = True


def is_placeholder(frame: Frame) -> bool:
    return {int(luma) for luma in np.unique(frame.planes[0])} <= {DARK, DIM, BRIGHT}
