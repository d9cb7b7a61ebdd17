"""Cameras with faults on demand: they fail, hang, vanish and return. Their pictures are the test pattern's."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace

from sidecar.cameras.camera import Camera
from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import Device, Format, RequestedFormat
from sidecar.contract.errors import CameraFailedError, CameraNotFoundError, ContractError
from sidecar.media.frame import Frame
from tests.support.notifications import LIMIT


class FaultyCamera:
    """The test pattern's camera, until a fault is switched on."""

    def __init__(self, camera: Camera, catalogue: FaultyCatalogue) -> None:
        self._camera = camera
        self._catalogue = catalogue
        self.broken = False
        self.is_doubled = False
        self.closed = threading.Event()
        self.hanging = threading.Event()

    @property
    def format(self) -> Format:
        return self._camera.format

    @property
    def is_calculating(self) -> bool:
        return self._camera.is_calculating

    def read(self) -> Frame:
        if self._catalogue.hangs:
            self.hanging.set()
            self._catalogue.go_on.wait(LIMIT)
        if self.broken or self._catalogue.breaks:
            raise CameraFailedError("the camera was unplugged")
        frame = self._camera.read()
        return doubled(frame) if self.is_doubled else frame

    def close(self) -> None:
        self._camera.close()
        self.closed.set()


def doubled(frame: Frame) -> Frame:
    """The picture, twice as wide and high."""
    planes = tuple(plane.repeat(2, axis=0).repeat(2, axis=1) for plane in frame.planes)
    return replace(frame, planes=planes, width=2 * frame.width, height=2 * frame.height)


class FaultyCatalogue(Catalogue):
    """The real catalogue with faults. `answers`: the results of the next openings in place of a camera, one each.

    `tried` is set with each opening, `came_back` with each that succeeds. `is_there`: whether the camera is found.
    `breaks`: its reads fail. `hangs`: its reads wait for `go_on`, as its openings always do. `comes_back_as`: the
    format that the camera opens at, independent of the requested one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.go_on.set()
        self.came_back = threading.Event()
        self.tried = threading.Event()
        self.opened: list[FaultyCamera] = []
        self.tries = 0
        self.answers: deque[ContractError] = deque()
        self.is_there = True
        self.breaks = False
        self.hangs = False
        self.comes_back_as: RequestedFormat | None = None

    def resolve(self, device_id: str, *, asks_formats: bool = True) -> Device:
        if not self.is_there:
            self.tries += 1
            raise CameraNotFoundError(f"There is no camera {device_id!r}.")
        return super().resolve(device_id, asks_formats=asks_formats)

    def open(self, device: Device, requested: RequestedFormat) -> Camera:
        self.tries += 1
        self.tried.set()
        if not self.hangs:
            self.go_on.wait(LIMIT)
        if self.answers:
            raise self.answers.popleft()
        camera = FaultyCamera(super().open(device, self.comes_back_as or requested), self)
        self.opened.append(camera)
        self.came_back.set()
        return camera
