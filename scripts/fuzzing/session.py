"""The sidecar under fuzz: sends lines, compares the answers with the expected ones, and reads the memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import Any

import psutil

from fuzzing.expectation import Answer, answer_of, expected_answers, parse_json

ANSWER_SECONDS = 60.0
"""Seconds for the slowest answer on a busy machine."""

MAX_READ_AHEAD = 10_000
"""The largest number of lines read in advance."""

INTERNAL_ERROR = -32603


class FuzzError(Exception):
    """The sidecar violated the specification; the message says how."""


class FuzzedSidecar:
    """A sidecar process with its pipes; leaving the context ends it.

    `answer_seconds` is the time limit for answers. `seconds` is the work for the last exchange: processor time on
    Linux, time elsewhere. `sessions` are the ids that the sidecar reported as streaming.
    """

    def __init__(self, argv: Sequence[str], answer_seconds: float = ANSWER_SECONDS) -> None:
        self._answer_seconds = answer_seconds
        self._log = tempfile.TemporaryFile(prefix="fuzz-")  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [*argv, "--log-level", "error"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log
        )
        self.sessions: deque[str] = deque()
        self.seconds = 0.0
        self._messages: Queue[Any] = Queue(MAX_READ_AHEAD)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> FuzzedSidecar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.kill()
        while self._thread.is_alive():  # the thread may wait for room in the queue
            with suppress(Empty):
                self._messages.get(timeout=0.1)
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with suppress(OSError):  # from unread data in the pipe
                stream.close()
        self._process.wait()
        self._log.close()

    def exchange(self, data: bytes) -> list[Any]:
        """Send lines and return the answers, batches flattened. Raises FuzzError for any other than the due answers."""
        due = expected_answers(data)
        started = self._clock()
        self._send(data)
        messages = self._answers(len(due))
        self.seconds = self._clock() - started
        missing, extra = (
            Counter(due) - Counter(map(answer_of, messages)),
            Counter(map(answer_of, messages)) - Counter(due),
        )
        if missing or extra:
            raise FuzzError(f"not answered: {_first(missing)}; unexpected answers: {_first(extra)}")
        answers = [one for message in messages for one in (message if isinstance(message, list) else [message])]
        for answer in answers:
            if answer.get("error", {}).get("code") == INTERNAL_ERROR:
                raise FuzzError(f"an internal error: {answer}; the line: {_line_of(answer, data)!r}")
        return answers

    def call(self, method: str) -> Any:
        """Call a method without parameters and return its result."""
        (answer,) = self.exchange(json.dumps({"jsonrpc": "2.0", "id": method, "method": method}).encode() + b"\n")
        return answer["result"]

    def finish(self) -> None:
        """Shut the sidecar down; raises FuzzError for unexpected answers or a wrong exit code."""
        self.call("shutdown")
        status = self._process.wait(self._answer_seconds)
        self._thread.join(self._answer_seconds)
        left = [message for message in self._drained() if "method" not in message]
        if left or status != 0:
            raise FuzzError(f"the sidecar ended with {status}; unexpected answers: {left[:3]}")

    def _clock(self) -> float:
        """The processor time of the sidecar in seconds; on platforms other than Linux, the monotonic time."""
        if sys.platform != "linux":
            return time.monotonic()
        # The clock of another process, as clock_getcpuclockid(3) makes it.
        return sum(time.clock_gettime(~process.pid << 3 | 2) for process in self._processes())

    def _processes(self) -> list[psutil.Process]:
        process = psutil.Process(self._process.pid)
        return [process, *process.children(recursive=True)]

    def resident_bytes(self) -> int:
        """The resident set size of the process and its children."""
        return sum(one.memory_info().rss for one in self._processes())

    def peak_bytes(self) -> int:
        """The peak resident set size of the process; the present size on platforms without this figure."""
        memory = psutil.Process(self._process.pid).memory_info()
        status = Path(f"/proc/{self._process.pid}/status")
        if not status.exists():
            return int(getattr(memory, "peak_wset", memory.rss))
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024

    def log(self) -> str:
        """The end of the sidecar's standard error."""
        self._log.seek(0)
        return self._log.read()[-4000:].decode("utf-8", "replace")

    def _send(self, data: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except OSError:
            raise FuzzError(f"the sidecar died: {self._process.wait(self._answer_seconds)}") from None

    def _answers(self, count: int) -> list[Any]:
        """The next answers; fewer after the time limit."""
        answers: list[Any] = []
        deadline = time.monotonic() + self._answer_seconds
        while len(answers) < count and (left := deadline - time.monotonic()) > 0:
            try:
                message = self._messages.get(timeout=left)
            except Empty:
                break
            if message is None:
                raise FuzzError(f"the sidecar died: {self._process.wait(self._answer_seconds)}")
            if isinstance(message, list) or "method" not in message:
                answers.append(message)
            elif message["params"].get("state") == "streaming":
                self.sessions.append(message["params"]["session_id"])
        return answers

    def _drained(self) -> Iterable[Any]:
        while (message := self._messages.get(timeout=self._answer_seconds)) is not None:
            yield message

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._messages.put(parse_json(line.decode("ascii")))
        self._messages.put(None)


def _first(answers: Counter[Answer]) -> str:
    return ", ".join(f"{str(answer)[:200]} ({count} times)" for answer, count in list(answers.items())[:3]) or "none"


def _line_of(answer: Any, data: bytes) -> bytes:
    """The line with the id of an answer; empty when there is none."""
    mark = b'"id":' + json.dumps(answer["id"]).encode()
    return next((line[:2000] for line in data.split(b"\n") if mark in line), b"")
