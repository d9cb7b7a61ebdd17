"""The colour table in WebKitGTK: the local stream in MiniBrowser, shown by the page's modules."""

from __future__ import annotations

import functools
import http.server
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from webdriver import Window, driver

from tests.support.charts import TABLE, Recording, worst_error
from tests.support.sidecar_process import ROOT, RawProcess, raw_process, sidecar_command

BROWSERS = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"))
AUTOMATED = ("--automation",)
PICTURES = 15  # the first keyframe may be coarse
TOLERANCE = 4  # of 255

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(not BROWSERS, reason="needs WebKitGTK's MiniBrowser, of Debian's package libwebkit2gtk-4.1-0"),
]

# Shows a session until so many pictures were drawn; the colours at some points, in parts of the width and height.
LOOK = """
    const [session, pictures, centres] = arguments;
    const [{ useCarrier }, { LocalStream }] = await Promise.all([import("/invoke.js"), import("/local-stream.js")]);
    useCarrier({ request: async () => session, listen: () => () => {} });
    const canvas = document.createElement("canvas");
    document.body.replaceChildren(canvas);
    const ignored = () => {};
    const listener = { onSession: ignored, onSize: ignored, onPicture: ignored };
    const stream = await new Promise((resolve, reject) => {
        const onOver = (reason) => reject(new Error(reason));
        const made = new LocalStream(canvas, { deviceId: "" }, { ...listener, onOver, onLost: onOver });
        let drawn = 0;
        made.onFrame(() => ++drawn === pictures && resolve(made));
        made.start().catch(reject);
    });
    const { width, height } = canvas, context = canvas.getContext("2d");
    const seen = centres.map(([x, y]) => [...context.getImageData(x * width, y * height, 1, 1).data]);
    stream.close();
    return { size: [width, height], codec: stream.codec, seen };"""


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files and writes no log."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        return


@pytest.fixture(scope="module")
def page_url() -> Iterator[str]:
    """Where the page's modules are."""
    handler = functools.partial(QuietHandler, directory=str(ROOT / "tauri-shell" / "player" / "src"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/time-strip.js"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser(display: str, page_url: str) -> Iterator[Window]:
    """A window of WebKitGTK on a page of that origin."""
    with driver(display, {}) as running, running.open(BROWSERS[0], arguments=AUTOMATED) as window:
        window.load(page_url)
        yield window


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sidecar may read files."""
    return tmp_path_factory.mktemp("charts")


@pytest.fixture(scope="module")
def ask(folder: Path) -> Iterator[Callable[..., Any]]:
    """Calls a method of a running sidecar."""
    numbers = itertools.count(1)
    with raw_process(sidecar_command(None, "--allow-source", f"file:{folder}/*")) as process:
        yield functools.partial(_ask, process, numbers)


def _ask(process: RawProcess, numbers: Iterator[int], method: str, **params: Any) -> Any:
    number = next(numbers)
    request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    process.send(json.dumps(request).encode() + b"\n")
    return process.answer(number)["result"]


@pytest.mark.parametrize("recording", TABLE, ids=str)
def test_colours_arrive(browser: Window, ask: Callable[..., Any], folder: Path, recording: Recording) -> None:
    session = ask("start_camera_local_session", device_id=f"file:{recording.write(folder)}")
    found = browser.run(LOOK, session, PICTURES, recording.centres())
    ask("close_connection", connection_id=session["connection_id"])
    assert found["codec"] == "h264"
    assert tuple(found["size"]) == recording.shown_size
    assert worst_error(found["seen"], recording) <= TOLERANCE, found["seen"]
