"""Progress of long work: one moving line on a terminal, a line every LOG_INTERVAL in a log."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

LOG_INTERVAL = 20.0  # seconds between two lines without a terminal
TICK = 0.15  # seconds between two updates of the moving line
KEPT_LINES = 2000  # last lines of a command's output
SPINNER = "|/-\\"


class MovingLine:
    """A context manager that shows a title, the latest detail and the elapsed time.

    Any thread may set `detail` at any time.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.detail = ""
        self._terminal = sys.stdout.isatty()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._show, name="moving line", daemon=True)
        self._started = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def __enter__(self) -> MovingLine:
        self._started = time.monotonic()
        if not self._terminal:
            print(f"{self.title} …", flush=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        if self._terminal:
            print("\r\x1b[K", end="", flush=True)

    def _show(self) -> None:
        ticks = 0
        while not self._ended.wait(TICK if self._terminal else LOG_INTERVAL):
            ticks += 1
            if self._terminal:
                self._draw(SPINNER[ticks % len(SPINNER)])
            else:
                print(f"  … {self.elapsed:.0f} s {self.detail}".rstrip(), flush=True)

    def _draw(self, mark: str) -> None:
        line = f"{mark} {self.title}  {self.elapsed:3.0f} s  {self.detail}"
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\x1b[K{line[:width]}", end="", flush=True)


@dataclass(frozen=True)
class Finished:
    """A command that ended. `output` has the last KEPT_LINES of its standard output and error together."""

    exit_code: int
    output: str
    timed_out: bool


def run_showing_life(
    title: str,
    command: Sequence[str],
    *,
    timeout: float,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    describe: Callable[[str], str | None] = str.strip,
) -> Finished:
    """Run a command with its progress shown.

    `describe` converts a line of the command's output to the detail; None keeps the previous detail. After `timeout`
    seconds the command is killed.
    """
    lines: deque[str] = deque(maxlen=KEPT_LINES)
    timed_out = threading.Event()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=environment,
        encoding="utf-8",
        errors="replace",
    )

    def give_up() -> None:
        timed_out.set()
        process.kill()

    limit = threading.Timer(timeout, give_up)
    limit.start()
    with MovingLine(title) as progress, process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                progress.detail = describe(line) or progress.detail
            exit_code = process.wait()
        except BaseException:
            process.kill()
            raise
        finally:
            limit.cancel()
    return Finished(exit_code, "".join(lines), timed_out.is_set())
