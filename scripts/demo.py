"""The cameras of this machine on a page in the browser.

    python3 scripts/demo.py [--port PORT] [--no-open] [--allow-source PATTERN] [--camera-backend BACKEND]

Needs Python 3.11 or newer and nothing else: everything it needs is installed into an environment of its own first, and
the demo's server (demo_server.py) then runs in there.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from environment import EnvironmentFailedError, ensure_environment

SERVER = Path(__file__).resolve().parent / "demo_server.py"


def parse(arguments: list[str]) -> argparse.Namespace:
    """Checked here already, so that a typing error is told before anything is installed."""
    parser = argparse.ArgumentParser(
        prog="demo.py", description="The cameras of this machine on a page in the browser."
    )
    parser.add_argument("--port", type=port, default=0, help="on 127.0.0.1; any free one when left out")
    parser.add_argument("--no-open", action="store_true", help="print the page's address, open no browser")
    parser.add_argument(
        "--allow-source",
        action="append",
        default=[],
        metavar="PATTERN",
        help="passed on to the sidecar; may be repeated",
    )
    parser.add_argument("--camera-backend", choices=["auto", "pyav", "opencv"], default="auto")
    return parser.parse_args(arguments)


def port(text: str) -> int:
    """A TCP port's number, 0 for any free one."""
    number = int(text)
    if not 0 <= number <= 65535:
        raise ValueError
    return number


def run(command: list[str]) -> int:
    """Run the server in this process's place or, where the system cannot do that, as a child; return its exit code."""
    if sys.platform != "win32":
        os.execv(command[0], command)
    with subprocess.Popen(command) as server:
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                continue  # the console sends Ctrl-C to the server as well; it is about to end


def main() -> int:
    """The command line."""
    parse(sys.argv[1:])
    try:
        python = ensure_environment()
    except EnvironmentFailedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return run([str(python), str(SERVER), *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
