"""The command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from sidecar import __version__

Backend = Literal["auto", "pyav", "opencv"]
LogLevel = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    allow_source: tuple[str, ...] = ()
    camera_backend: Backend = "auto"
    log_level: LogLevel = "info"
    log_file: Path | None = None
    log_notifications: bool = False


def parse(arguments: Sequence[str]) -> Options:
    """The options of `arguments`, the program's name left out. Ends the process on --help, --version and errors."""
    parser = argparse.ArgumentParser(
        prog="camera-sidecar", description="Cameras over WebRTC, driven by JSON-RPC 2.0 on stdin and stdout."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "--allow-source",
        action="append",
        default=[],
        metavar="PATTERN",
        help="let file: and rtsp: sources be opened that match, as in 'rtsp://10.0.0.*' (may be given several times)",
    )
    parser.add_argument("--camera-backend", choices=get_args(Backend), default="auto")
    parser.add_argument("--log-level", choices=get_args(LogLevel), default="info")
    parser.add_argument("--log-file", type=Path, metavar="PATH", help="log there as well, 5 files of 1 MiB in turn")
    parser.add_argument("--log-notifications", action="store_true", help="send the log as `log` notifications, too")
    found = parser.parse_args(arguments)
    return Options(
        allow_source=tuple(found.allow_source),
        camera_backend=found.camera_backend,
        log_level=found.log_level,
        log_file=found.log_file,
        log_notifications=found.log_notifications,
    )
