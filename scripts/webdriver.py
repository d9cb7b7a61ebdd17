"""WebKitGTK driven over W3C WebDriver, on a virtual X screen.

Selenium would replace `Window._ask` and the new session alone, with 12 packages and 28 MB. The processes, the screen,
the awaited scripts and the waits have to be written in any case.
"""

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
ANSWER_SECONDS = 20.0  # for the driver's answer, in addition to the script's limit
LOOK_AGAIN_SECONDS = 0.02
SCRIPT_SECONDS = 40.0
"""Seconds for a script in the page; `wait` gives up after half of them."""


class WebDriverError(Exception):
    """An error of the driver (W3C WebDriver, section 6.6), or the exception of a script in the page."""


class Window:
    """The window of a program that was started for automation."""

    def __init__(self, port: int, binary: Path, script_seconds: float, arguments: Sequence[str] = ()) -> None:
        self._port = port
        self._script_seconds = script_seconds
        self._session = ""
        options = {"binary": str(binary), "args": list(arguments)}
        wanted = {"webkitgtk:browserOptions": options, "timeouts": {"script": 1000 * script_seconds}}
        answer = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{answer['sessionId']}"

    def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of an async function in the page and return its result; its arguments are `arguments`."""
        # execute/async takes a callback; a rejection is returned as a value, which keeps its message.
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
        """Wait until a JavaScript expression is truthy and return its value; raises WebDriverError."""
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
        """Wait for an element and click it."""
        self.wait("document.querySelector(arguments[0])", selector)
        self.run("document.querySelector(arguments[0]).click()", selector)

    def screenshot(self, path: Path) -> None:
        """Write a screenshot of the window as a PNG file."""
        path.write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))

    def load(self, url: str) -> None:
        """Load another page."""
        self._ask("POST", "/url", {"url": url})

    def reload(self) -> None:
        """Reload the page."""
        self._ask("POST", "/refresh", {})

    def close(self) -> None:
        """Close the window, as a user does."""
        self._ask("DELETE", "/window")

    def quit(self) -> None:
        """End the session; the driver then ends the program."""
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
        """Start a program and drive its window; the program is ended with the block."""
        window = Window(self._port, binary, script_seconds, arguments)
        try:
            yield window
        finally:
            window.quit()

    def program(self, binary: Path) -> psutil.Process:
        """The process of the started program."""
        started = self._process.children(recursive=True)
        found = [child for child in started if executable(child) == str(binary.resolve())]
        assert len(found) == 1, found
        return found[0]


def executable(process: psutil.Process) -> str | None:
    """Return the executable of a process, None after its end."""
    try:
        return process.exe()
    except psutil.Error:
        return None


@contextmanager
def screen() -> Iterator[str]:
    """A virtual X screen; the value is its name, for DISPLAY."""
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
    """A driver whose programs appear on `display`, with `environment` added to the environment of this process."""
    port = free_port()
    automation = {"TAURI_AUTOMATION": "true", "TAURI_WEBVIEW_AUTOMATION": "true", "DISPLAY": display}
    everything = {**os.environ, **automation, "GDK_BACKEND": "x11", "LIBGL_ALWAYS_SOFTWARE": "1", **environment}
    command = ["dbus-run-session", "--", "WebKitWebDriver", "--host=127.0.0.1", f"--port={port}"]
    with program_tree(command, env=everything, stderr=stderr) as process:
        until_answering(port, process)
        yield Driver(psutil.Process(process.pid), port)


@contextmanager
def program_tree(command: list[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is ended with the block, together with its descendants."""
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
    """Return a free port of the loopback address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def until_answering(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a port accepts connections."""
    limit = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < limit:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(LOOK_AGAIN_SECONDS)
    raise AssertionError(f"WebKitWebDriver does not answer within {START_SECONDS:g} s; exit status {process.poll()}")
