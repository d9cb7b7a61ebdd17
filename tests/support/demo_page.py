"""The demo's server as a process, and its page in Chromium, driven from a test."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.support.sidecar_process import ROOT

SLOW = 30_000  # milliseconds; for a machine that does other things as well
TEST_PATTERN = '[data-device="test:pattern"]'

AlterCameras = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]

# One row of the picture's middle, as a string that changes when the picture does.
MIDDLE_ROW = """video => {
  const canvas = new OffscreenCanvas(64, 1);
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, video.videoHeight / 2, video.videoWidth, 2, 0, 0, 64, 1);
  return String(context.getImageData(0, 0, 64, 1).data);
}"""
NO_CAMERA_OPEN = """async () => {
  const { invoke } = await import("./camera-sidecar/index.js");
  return (await invoke("get_stats")).cameras.length === 0;
}"""


@dataclass
class Demo:
    """A running demo server."""

    address: str
    process: psutil.Popen

    def sidecars(self) -> list[psutil.Process]:
        """The processes behind its pages."""
        children: list[psutil.Process] = self.process.children()
        return children


@contextmanager
def running_demo(*options: str) -> Iterator[Demo]:
    """The demo's server, as demo.py runs it once the environment is there."""
    command = [sys.executable, str(ROOT / "scripts" / "demo_server.py"), "--no-open", *options]
    with psutil.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = re.search(r"http://\S+", process.stdout.readline())
            assert address
            yield Demo(address[0], process)
        finally:
            if process.poll() is None:
                process.terminate()


class Wire:
    """A proxy between a page and its sidecar, which can change the list of cameras and add notifications.

    While `quality` is set, every picture is as good as it says.
    """

    def __init__(self, page: Page, alter: AlterCameras = lambda cameras: cameras) -> None:
        self._alter = alter
        self.session: dict[str, str] = {}
        self.cameras: list[dict[str, Any]] = []
        self.quality: dict[str, Any] | None = None
        page.route_web_socket(re.compile("/rpc$"), self._connect)

    def notify(self, method: str, **params: Any) -> None:
        """A notification that the sidecar did not send."""
        self._route.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))

    def _connect(self, route: WebSocketRoute) -> None:
        self._route = route
        route.connect_to_server().on_message(self._pass)

    def _pass(self, message: str | bytes) -> None:
        content = json.loads(message)
        result = content.get("result", {})
        if "session_id" in result:
            self.session = result
        elif "cameras" in result and "connections" not in result:
            self.cameras = result["cameras"] = self._alter(result["cameras"])
        elif "connections" in result and self.quality:
            result["connections"] = [connection | {"quality": self.quality} for connection in result["connections"]]
        self._route.send(json.dumps(content))


def only_the_test_pattern(cameras: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [camera for camera in cameras if camera["kind"] == "test"]


def open_page(page: Page, demo: Demo) -> None:
    page.goto(demo.address)
    page.wait_for_selector(TEST_PATTERN)


def start_test_pattern(page: Page, tile: int = 0) -> None:
    page.click(TEST_PATTERN)
    expect(page.locator(".tile").nth(tile)).to_have_attribute("data-state", "live")


def invoke(page: Page, method: str) -> Any:
    """Call the sidecar behind the page, over the page's own connection."""
    return page.evaluate("async method => (await import('./camera-sidecar/index.js')).invoke(method)", method)


def moves(page: Page) -> None:
    """Wait until the first video's picture changes."""
    first = page.locator("video").first.evaluate(MIDDLE_ROW)
    page.wait_for_function(f"first => ({MIDDLE_ROW})(document.querySelector('video')) !== first", arg=first)


def wait_for_no_sidecar(demo: Demo) -> None:
    _, alive = psutil.wait_procs(demo.sidecars(), timeout=10)
    assert alive == []
