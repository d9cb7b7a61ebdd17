"""A viewer in a page (page/viewer.js), driven from a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.async_api import JSHandle, Page

SIZE = {"width": 640, "height": 360}
"""The picture of most tests: large enough to judge, small enough for a busy machine."""


class Viewer:
    """A peer connection and a video element."""

    def __init__(self, handle: JSHandle) -> None:
        self.handle = handle
        self.connection_id = ""

    @classmethod
    async def open(cls, page: Page, configuration: Mapping[str, Any] | None = None) -> Viewer:
        """Make a viewer without a stream; `configuration` is the W3C's RTCConfiguration."""
        handle = await page.evaluate_handle("configuration => new Viewer(configuration)", configuration or {})
        return cls(handle)

    async def show(self, device_id: str, **params: Any) -> None:
        """Start a session, answer it and trickle; the picture comes later."""
        wanted = {"deviceId": device_id, "format": SIZE, **params}
        await self.handle.evaluate("(viewer, params) => viewer.show(params)", wanted)
        self.connection_id = await self.get("connectionId")

    async def get(self, name: str) -> Any:
        """A property."""
        return await self.handle.evaluate("(viewer, name) => viewer[name]", name)

    async def do(self, method: str, *arguments: Any) -> Any:
        """Call a method and return its result."""
        return await self.handle.evaluate(
            "(viewer, [method, args]) => viewer[method](...args)", [method, list(arguments)]
        )

    async def frames(self, count: int = 5) -> None:
        """Wait until this many more frames were shown."""
        await self.do("moreFrames", count)

    async def size(self) -> tuple[int, int]:
        """The width and height of the picture, in pixels."""
        width, height = await self.handle.evaluate("({ video }) => [video.videoWidth, video.videoHeight]")
        return int(width), int(height)

    async def pixels(self, x: int, y: int, width: int, height: int) -> npt.NDArray[np.uint8]:
        """An area of the newest frame, as an array of (height, width, 3): R, G and B."""
        values = await self.do("pixels", [x, y, width, height])
        return np.array(values, np.uint8).reshape(height, width, 4)[:, :, :3]

    async def close(self) -> Any:
        """Close the viewer and return the result of close_connection."""
        return await self.do("close")


async def open_viewer(page: Page, device_id: str, **params: Any) -> Viewer:
    """A viewer that shows a moving picture."""
    viewer = await Viewer.open(page)
    await viewer.show(device_id, **params)
    await viewer.frames()
    return viewer
