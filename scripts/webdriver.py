"""A page in WebKitGTK, driven from outside (W3C WebDriver), on a screen that only exists in memory."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

SCREEN = "1280x900x24"
START_SECONDS = 30.0
END_SECONDS = 10.0
ANSWER_SECONDS = 20.0  # besides what a script may take
LOOK_AGAIN_SECONDS = 0.02
SCRIPT_SECONDS = 40.0
"""How long a script in the page may take; what waits in the page waits less long."""


class WebDriverError(Exception):
    """The driver's own error (W3C WebDriver, section 6.6), or what a script in the page threw."""


class Window:
    """The one window of a program that was started for automation."""

    def __init__(self, port: int, binary: Path, script_seconds: float, arguments: Sequence[str] = ()) -> None:
        self._port = port
        self._script_seconds = script_seconds
        self._session = ""
        options = {"binary": str(binary), "args": list(arguments)}
        wanted = {"webkitgtk:browserOptions": options, "timeouts": {"script": 1000 * script_seconds}}
        answer = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{answer['sessionId']}"

    def run(self, script: str, *arguments: Any) -> Any:
        """What the body of an async function returns, awaited; its arguments are `arguments`."""
        # execute/async takes a callback; a rejection comes back as a value, so that what it says is kept.
        wrapped = (
            "const done = arguments[arguments.length - 1];"
            f"(async function () {{ {script} }}).apply(null, [...arguments].slice(0, -1)).then("
            "value => done({value: value ?? null}),"
            "error => done({error: error instanceof Error ? String(error) : JSON.stringify(error)}))"
        )
        outcome = self._ask("POST", "/execute/async", {"script": wrapped, "args": list(arguments)})
        if "error" in outcome:
            raise WebDriverError(outcome["error"])
        return outcome["value"]

    def wait(self, condition: str, *arguments: Any) -> Any:
        """The value of a JavaScript expression as soon as it is truthy; WebDriverError when it stays falsy."""
        script = f"""
            const given = arguments;
            const until = performance.now() + {500 * self._script_seconds};
            for (;;) {{
                const value = await (async function () {{ return ({condition}); }}).apply(null, given);
                if (value) return value;
                if (performance.now() > until) throw new Error("never came true: " + document.body.innerText);
                await new Promise((resolve) => setTimeout(resolve, 20));
            }}"""
        return self.run(script, *arguments)

    def click(self, selector: str) -> None:
        """Click an element as soon as it is there."""
        self.wait("document.querySelector(arguments[0])", selector)
        self.run("document.querySelector(arguments[0]).click()", selector)

    def screenshot(self, path: Path) -> None:
        """Write what the window shows as a PNG file."""
        path.write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))

    def load(self, url: str) -> None:
        """Load another page."""
        self._ask("POST", "/url", {"url": url})

    def reload(self) -> None:
        """Load the page again."""
        self._ask("POST", "/refresh", {})

    def close(self) -> None:
        """Close the window, as its user would."""
        self._ask("DELETE", "/window")

    def quit(self) -> None:
        """End the session; the driver ends the program if it still runs."""
        with suppress(WebDriverError, OSError):
            self._ask("DELETE", "")

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        limit = self._script_seconds + ANSWER_SECONDS
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=limit)
        try:
            connection.request(method, self._session + path, None if body is None else json.dumps(body))
            response = connection.getresponse()
            value = json.loads(response.read())["value"]
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise WebDriverError(f"{value['error']}: {value['message']}")
        return value


class Driver:
    """A running WebKitWebDriver; it serves one window at a time."""

    def __init__(self, process: psutil.Process, port: int) -> None:
        self._process = process
        self._port = port

    @contextmanager
    def open(
        self, binary: Path, script_seconds: float = SCRIPT_SECONDS, arguments: Sequence[str] = ()
    ) -> Iterator[Window]:
        """Start a program and drive its window; it is ended with the block."""
        window = Window(self._port, binary, script_seconds, arguments)
        try:
            yield window
        finally:
            window.quit()

    def program(self, binary: Path) -> psutil.Process:
        """The process of the program that was started."""
        started = self._process.children(recursive=True)
        found = [child for child in started if executable(child) == str(binary.resolve())]
        assert len(found) == 1, found
        return found[0]


def executable(process: psutil.Process) -> str | None:
    """The file that a process runs; None when it is gone."""
    try:
        return process.exe()
    except psutil.Error:
        return None


@contextmanager
def screen() -> Iterator[str]:
    """A screen in memory; its name, for DISPLAY."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    with program_tree(command, pass_fds=(writing,)) as process:
        os.close(writing)
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        assert number, f"Xvfb ended with {process.wait(START_SECONDS)}"
        yield f":{number}"


@contextmanager
def driver(display: str, environment: Mapping[str, str], stderr: int | None = None) -> Iterator[Driver]:
    """A driver whose programs appear on `display`, have `environment` besides this process's, and complain there."""
    port = free_port()
    automation = {"TAURI_AUTOMATION": "true", "TAURI_WEBVIEW_AUTOMATION": "true", "DISPLAY": display}
    everything = {**os.environ, **automation, "GDK_BACKEND": "x11", "LIBGL_ALWAYS_SOFTWARE": "1", **environment}
    command = ["dbus-run-session", "--", "WebKitWebDriver", "--host=127.0.0.1", f"--port={port}"]
    with program_tree(command, env=everything, stderr=stderr) as process:
        until_answering(port, process)
        yield Driver(psutil.Process(process.pid), port)


@contextmanager
def program_tree(command: list[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is ended with the block, and all that it started with it."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        with suppress(psutil.NoSuchProcess):
            tree = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
            for one in tree:
                with suppress(psutil.NoSuchProcess):
                    one.terminate()
            _, alive = psutil.wait_procs(tree, timeout=END_SECONDS)
            for one in alive:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
        process.wait(END_SECONDS)


def free_port() -> int:
    """A port on the loopback address that nobody listened to a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def until_answering(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until someone listens to a port."""
    limit = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < limit:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(LOOK_AGAIN_SECONDS)
    raise AssertionError(f"WebKitWebDriver does not answer; its exit status is {process.poll()}")
