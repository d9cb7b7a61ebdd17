"""Shows the cameras of this machine on a page in the browser.

    python3 scripts/demo.py [--port PORT] [--no-open] [--allow-source PATTERN] [--camera-backend BACKEND]

Needs only Python 3.11 or newer: the dependencies are installed into a separate environment first, in which the demo's
server (demo_server.py) then runs.
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
    """Parse the command line, before the installation, so that a typing error is reported at once."""
    parser = argparse.ArgumentParser(
        prog="demo.py", description="The cameras of this machine on a page in the browser."
    )
    parser.add_argument("--port", type=port, default=0, help="port on 127.0.0.1; a free one by default")
    parser.add_argument("--no-open", action="store_true", help="print the page's address and open no browser")
    parser.add_argument(
        "--allow-source",
        action="append",
        default=[],
        metavar="PATTERN",
        help="passed to the sidecar; may be repeated",
    )
    parser.add_argument("--camera-backend", choices=["auto", "pyav", "opencv"], default="auto")
    return parser.parse_args(arguments)


def port(text: str) -> int:
    """Convert to a TCP port number, 0 for any free port; raises ValueError."""
    number = int(text)
    if not 0 <= number <= 65535:
        raise ValueError
    return number


def run(command: list[str]) -> int:
    """Replace this process by the command or, on Windows, run it as a child process and return its exit code."""
    if sys.platform != "win32":
        os.execv(command[0], command)
    with subprocess.Popen(command) as server:
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                continue  # the console sends Ctrl-C to the child as well, which then ends


def main() -> int:
    """Make the environment and run the server inside it."""
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
