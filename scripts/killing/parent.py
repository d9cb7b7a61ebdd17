"""The parent that is killed: starts a program and stays with it.

    python parent.py own PROGRAM ...     holds the program's pipes, and carries what goes through them
    python parent.py held PROGRAM ...    the program's pipes are this process's own, which somebody else holds, too

It writes the program's process id to standard error.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

CHUNK_BYTES = 64 * 1024


def carry(source: int, sink: int) -> None:
    """Everything from one descriptor to the other, then the end of it."""
    while data := os.read(source, CHUNK_BYTES):
        while data:
            data = data[os.write(sink, data) :]
    os.close(sink)


def main() -> int:
    """Start the program; its exit code."""
    mode, *argv = sys.argv[1:]
    pipe = subprocess.PIPE if mode == "own" else None
    program = subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
    print(program.pid, file=sys.stderr, flush=True)
    if program.stdin is not None and program.stdout is not None:
        for ends in ((sys.stdin.fileno(), program.stdin.fileno()), (program.stdout.fileno(), sys.stdout.fileno())):
            threading.Thread(target=carry, args=ends, daemon=True).start()
    return program.wait()


if __name__ == "__main__":
    os._exit(main())  # a thread may still wait for its pipe
