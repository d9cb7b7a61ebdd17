"""The log: stderr, a rotating file, `log` notifications."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Literal

from sidecar.contract.events import Log
from sidecar.options import Options

FILE_BYTES = 1024 * 1024
FILES = 5
_USER_INFO = re.compile(r"(\w://)[^/\s@]*@")

CHATTY_LIBRARIES = ("aioice", "aiortc", "asyncio", "jsonrpcserver", "libav")
"""They log every packet, and ICE passwords and TURN credentials with them: only their warnings are let through."""

Level = Literal["debug", "info", "warning", "error"]
_LEVELS: tuple[tuple[int, Level], ...] = (
    (logging.ERROR, "error"),
    (logging.WARNING, "warning"),
    (logging.INFO, "info"),
    (logging.DEBUG, "debug"),
)


def configure(options: Options) -> None:
    """Log to stderr and, when asked for, to a file. Raises OSError when the file cannot be written."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if options.log_file is not None:
        from logging.handlers import RotatingFileHandler  # with much that a start without a file does not need

        handlers.append(
            RotatingFileHandler(options.log_file, maxBytes=FILE_BYTES, backupCount=FILES - 1, encoding="utf-8")
        )
    formatter = DiscreetFormatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    for handler in handlers:
        handler.setFormatter(formatter)
    logging.basicConfig(level=options.log_level.upper(), handlers=handlers, force=True)
    logging.captureWarnings(True)
    for name in CHATTY_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


def without_user_info(text: str) -> str:
    """`text` with the user names and passwords of URLs left out; rtsp: cameras are named by their URLs."""
    return _USER_INFO.sub(r"\1***@", text)


class DiscreetFormatter(logging.Formatter):
    """Writes no passwords of URLs, wherever they come from: a message, or the text of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        """The line or lines of a record."""
        return without_user_info(super().format(record))


class NotifyingHandler(logging.Handler):
    """Hands each line of our own log to `send`, as the contract's `log` notification; any thread may log."""

    def __init__(self, send: Callable[[Log], None]) -> None:
        super().__init__()
        self._send = send
        self.addFilter(lambda record: record.name.startswith("sidecar") and getattr(record, "is_for_pages", True))

    def emit(self, record: logging.LogRecord) -> None:
        """Send one line; its traceback, if any, stays on stderr."""
        level: Level = next((name for least, name in _LEVELS if record.levelno >= least), "debug")
        self._send(Log(level=level, message=without_user_info(record.getMessage())))
