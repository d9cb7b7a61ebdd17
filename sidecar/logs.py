"""The log: to stderr, into rotating files, as `log` notifications."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Literal

from sidecar.cameras.sources.secrets import SECRETS
from sidecar.contract.events import Log
from sidecar.options import Options

log = logging.getLogger(__name__)

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

CHATTY_LIBRARIES = ("aioice", "aiortc", "asyncio", "jsonrpcserver", "libav")
"""Libraries that log every packet, with ICE passwords and TURN credentials in it: only their warnings are logged."""

Level = Literal["debug", "info", "warning", "error"]
_LEVELS: tuple[tuple[int, Level], ...] = (
    (logging.ERROR, "error"),
    (logging.WARNING, "warning"),
    (logging.INFO, "info"),
    (logging.DEBUG, "debug"),
)


def configure(options: Options) -> None:
    """Log to stderr and into the file of `options`, if one is named. Raises OSError when the file cannot be written."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if options.log_file is not None:
        from sidecar.stdio.rotating_log import RotatingLog  # its imports take long, and few programs log into a file

        handlers.append(RotatingLog(options.log_file))
    formatter = DiscreetFormatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    for handler in handlers:
        handler.setFormatter(formatter)
    logging.basicConfig(level=options.log_level.upper(), handlers=handlers, force=True)
    logging.captureWarnings(True)
    _log_uncaught()
    for name in CHATTY_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


def clean(text: str) -> str:
    """Return `text` as one line of a log: without the secrets of sources, its control characters escaped."""
    text = SECRETS.hide(text)
    if text.isprintable():
        return text
    return "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


class DiscreetFormatter(logging.Formatter):
    """Writes no secrets and no forged lines, also for texts of peers and libraries.

    A record is one line. The lines of a traceback follow it, indented, so that none looks like a record.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the first line of a record."""
        return clean(super().formatMessage(record))

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - logging's name
        """Return the lines of a traceback."""
        return _indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - logging's name
        """Return the lines of a stack."""
        return _indented(stack_info)


def _indented(text: str) -> str:
    return "\n".join(f"    {clean(line)}" for line in SECRETS.hide(text).split("\n"))


def _log_uncaught() -> None:
    """Send uncaught exceptions through the log, whose formatter knows the secrets."""
    sys.excepthook = lambda kind, error, trace: log.critical("uncaught exception", exc_info=error)
    sys.unraisablehook = lambda what: log.error("exception in a finaliser", exc_info=what.exc_value)
    threading.excepthook = lambda what: log.error("a thread ended by an exception", exc_info=what.exc_value)


class NotifyingHandler(logging.Handler):
    """Passes each record of the sidecar's own loggers to `send`, as a `log` notification; any thread may log."""

    def __init__(self, send: Callable[[Log], None]) -> None:
        super().__init__()
        self._send = send
        self.addFilter(lambda record: record.name.startswith("sidecar") and getattr(record, "is_for_pages", True))

    def emit(self, record: logging.LogRecord) -> None:
        """Send the message of a record; a traceback is written only to stderr and the file."""
        level: Level = next((name for least, name in _LEVELS if record.levelno >= least), "debug")
        self._send(Log(level=level, message=clean(record.getMessage())))
