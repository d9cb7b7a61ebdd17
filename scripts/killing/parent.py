"""The parent to be killed: starts a program and waits for it.

    python parent.py own PROGRAM ...     relays the program's standard input and output through its own pipes
    python parent.py held PROGRAM ...    the program inherits the standard input and output of this process

The parent writes the program's process id to standard error.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

CHUNK_BYTES = 64 * 1024


def carry(source: int, sink: int) -> None:
    """Copy one descriptor to the other until its end, then close the other."""
    while data := os.read(source, CHUNK_BYTES):
        while data:
            data = data[os.write(sink, data) :]
    os.close(sink)


def main() -> int:
    """Start the program and return its exit code."""
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
