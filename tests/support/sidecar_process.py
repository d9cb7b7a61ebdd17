"""The program under test: how it is started, and its wire byte by byte where SidecarClient is too polite."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent.parent
ANSWER_SECONDS = 20.0
END_SECONDS = 10.0


def sidecar_command(program: str | None = None, *arguments: str) -> list[str]:
    """The command line of the sidecar, or of another program in its place."""
    return [program, *arguments] if program else [sys.executable, "-m", "sidecar", *arguments]


class RawProcess:
    """A process on pipes: bytes in, lines out, in order."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            argv, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.stderr = b""
        self._lines: Queue[bytes] = Queue()
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._threads = [
            threading.Thread(target=self._read_stdout, args=(self.process.stdout,)),
            threading.Thread(target=self._read_stderr, args=(self.process.stderr,)),
        ]
        for thread in self._threads:
            thread.start()

    def send(self, data: bytes) -> None:
        """Write bytes as they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def receive(self, timeout: float = ANSWER_SECONDS) -> Any:
        """The next line, as JSON; AssertionError when none comes."""
        try:
            return json.loads(self._lines.get(timeout=timeout))
        except Empty:
            raise AssertionError(f"no line within {timeout} s; stderr: {self.stderr[-2000:]!r}") from None

    def answer(self, request_id: Any) -> Any:
        """The next line with this id; the lines before are discarded."""
        while True:
            message = self.receive()
            if isinstance(message, dict) and "method" not in message and message.get("id") == request_id:
                return message

    def receive_notification(self, method: str) -> Any:
        """The next notification of this name; the lines before are discarded."""
        while True:
            message = self.receive()
            if isinstance(message, dict) and message.get("method") == method:
                return message

    def answer_when_streaming(self, request_id: Any) -> Any:
        """The answer to start_streaming, once the camera has given a picture; other lines are discarded."""
        answer, is_streaming = None, False
        while answer is None or not is_streaming:
            message = self.receive()
            if "method" not in message and message.get("id") == request_id:
                answer = message
            elif message.get("method") == "camera_state":
                is_streaming = is_streaming or message["params"]["state"] == "streaming"
        return answer

    def pending(self) -> list[Any]:
        """The lines that have come and were not looked at."""
        lines = []
        while not self._lines.empty():
            lines.append(json.loads(self._lines.get()))
        return lines

    def end_input(self) -> None:
        """Close the process's standard input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def wait(self, timeout: float = END_SECONDS) -> int:
        """The exit status, once the process has ended by itself and all its output is read."""
        status = self.process.wait(timeout)
        for thread in self._threads:
            thread.join(timeout)
        return status

    def close(self) -> None:
        """End the process, by force if need be."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            with suppress(BrokenPipeError):
                self.process.stdin.close()
        try:
            self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def _read_stdout(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._lines.put(line)

    def _read_stderr(self, stream: IO[bytes]) -> None:
        for line in stream:
            self.stderr = (self.stderr + line)[-1_000_000:]


@contextmanager
def raw_process(argv: Sequence[str]) -> Iterator[RawProcess]:
    """A process that ends with the block."""
    process = RawProcess(argv)
    try:
        yield process
    finally:
        process.close()
