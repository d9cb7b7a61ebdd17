"""The command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn, get_args

from sidecar import __version__
from sidecar.connections.recovery import RecoveryPolicy
from sidecar.webrtc.ice.policy import IcePolicy, Peers

if TYPE_CHECKING:
    from sidecar.webrtc.ice.server_addresses import ServerPattern

EXIT_OK = 0
"""The program ended as requested: by `shutdown`, the end of standard input, a signal or the parent's death."""

EXIT_NOT_CLEAN = 1
"""A driver or a peer did not end in time, the client did not read its answers, or a bug."""

EXIT_USAGE = 2
"""The command line is wrong (argparse)."""

Backend = Literal["auto", "pyav", "opencv"]
LogLevel = Literal["debug", "info", "warning", "error"]


class Options(NamedTuple):
    """The options of the command line."""

    allow_source: tuple[str, ...] = ()
    allow_origin: tuple[str, ...] = ()
    camera_backend: Backend = "auto"
    log_level: LogLevel = "info"
    log_file: str | None = None
    log_notifications: bool = False
    ice: IcePolicy = IcePolicy()
    recovery: RecoveryPolicy = RecoveryPolicy()

    def __repr__(self) -> str:
        """Return the options without the sources, which may contain passwords."""
        shown = ((name, value) for name, value in self._asdict().items() if name != "allow_source")
        return f"Options({', '.join(f'{name}={value!r}' for name, value in shown)})"


def parse(arguments: Sequence[str]) -> Options:
    """Return the options of the arguments after the program's name. --help, --version and errors end the process."""
    parser = _DiscreetParser(
        prog="camera-sidecar",
        description="Cameras over WebRTC, driven by JSON-RPC 2.0 on stdin and stdout.",
        fromfile_prefix_chars="@",
        epilog=f"exit codes: {EXIT_OK} ended in order; {EXIT_NOT_CLEAN} a driver or a peer did not end in time, or "
        f"the client did not read its answers; {EXIT_USAGE} wrong command line",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and the build")
    _add_sources(parser)
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="allow pages of this origin to open local streams, for example 'https://app.example' (repeatable); the "
        "origins of Tauri, localhost and 127.0.0.1 are always allowed",
    )
    _add_ice(parser)
    parser.add_argument("--camera-backend", choices=get_args(Backend), default="auto")
    parser.add_argument("--log-level", choices=get_args(LogLevel), default="info")
    parser.add_argument(
        "--log-file", type=_writable, metavar="PATH", help="also log into this file, 5 files of 1 MiB in turn"
    )
    parser.add_argument("--log-notifications", action="store_true", help="also send the log as `log` notifications")
    _add_recovery(parser)
    found = parser.parse_args(arguments)
    return Options(
        allow_source=tuple(found.allow_source),
        allow_origin=tuple(found.allow_origin),
        camera_backend=found.camera_backend,
        log_level=found.log_level,
        log_file=found.log_file,
        log_notifications=found.log_notifications,
        ice=IcePolicy(found.peers, tuple(found.allow_ice_server)),
        recovery=RecoveryPolicy(
            tries=found.reconnect_tries,
            first_pause=found.reconnect_pause,
            longest_pause=max(found.reconnect_pause, found.reconnect_pause_max),
            answer_timeout=found.reconnect_answer_timeout,
        ),
    )


def _add_sources(parser: argparse.ArgumentParser) -> None:
    """Add the option for files and network cameras."""
    parser.add_argument(
        "--allow-source",
        type=_pattern,
        action="append",
        default=[],
        metavar="PATTERN",
        help="allow the file: and rtsp: sources that match, for example 'rtsp://10.0.0.*'; the default port is 554 "
        "(repeatable). Pass sources with a password in a file, by @FILE with one argument on each line: other users "
        "of the machine may see a command line",
    )


def _add_ice(parser: argparse.ArgumentParser) -> None:
    """Add the limits for ICE."""
    parser.add_argument(
        "--peers",
        choices=get_args(Peers),
        default="any",
        help="connect to viewers on any machine, or on this one (local) only (default: %(default)s)",
    )
    parser.add_argument(
        "--allow-ice-server",
        action="append",
        type=_server_pattern,
        default=[],
        metavar="PATTERN",
        help="use only the STUN and TURN servers that match, for example 'turns:*.turn.example:443?transport=tcp' "
        "(repeatable); by default all are allowed, or none with --peers local",
    )


def _add_recovery(parser: argparse.ArgumentParser) -> None:
    """Add the recovery of lost viewers."""
    usual = RecoveryPolicy()
    group = parser.add_argument_group("recovery of a lost viewer")
    group.add_argument(
        "--reconnect-tries",
        type=_count,
        default=usual.tries,
        metavar="N",
        help="number of renegotiation offers (default: %(default)s)",
    )
    group.add_argument(
        "--reconnect-pause",
        type=_seconds,
        default=usual.first_pause,
        metavar="S",
        help="seconds before the first offer, doubled before each further one (default: %(default)s)",
    )
    group.add_argument(
        "--reconnect-pause-max",
        type=_seconds,
        default=usual.longest_pause,
        metavar="S",
        help="longest pause, in seconds (default: %(default)s)",
    )
    group.add_argument(
        "--reconnect-answer-timeout",
        type=_seconds,
        default=usual.answer_timeout,
        metavar="S",
        help="seconds without an answer to the offers after which the connection fails (default: %(default)s)",
    )


def _server_pattern(text: str) -> ServerPattern:
    from sidecar.webrtc.ice.server_addresses import IceServerError, ServerPattern  # only for a pattern

    try:
        return ServerPattern.parse(text)
    except IceServerError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _count(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 1000:
        raise argparse.ArgumentTypeError("must be between 0 and 1000")
    return number


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0.1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("must be between 0.1 and 3600 seconds")
    return seconds


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> None:
        from sidecar.build_information import describe  # reads a file: not at every start

        sys.stdout.write(f"{parser.prog} {__version__} ({describe()})\n")
        parser.exit(EXIT_OK)


class _DiscreetParser(argparse.ArgumentParser):
    """Reports wrong arguments without the logins in URLs."""

    def error(self, message: str) -> NoReturn:
        from sidecar.cameras.sources.display import hide_logins  # not at every start

        super().error(hide_logins(message))


def _pattern(text: str) -> str:
    from sidecar.cameras.sources.patterns import parse_pattern  # only where there is a pattern

    try:
        parse_pattern(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"a pattern cannot be read. {error}") from None
    return text


def _writable(path: str) -> str:
    from sidecar.stdio.log_file import prepare  # only where there is a log file

    try:
        prepare(path)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot write {path!r}: {error.strerror}") from None
    return path
