"""The program: claims stdio and opens its door first, then imports the rest, then runs."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import NoReturn

from sidecar import options
from sidecar.startup.doorway import Doorway
from sidecar.stdio.claim import claim_stdio


def main() -> NoReturn:
    """Run the sidecar and end the process, whatever thread still hangs in a driver."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the app takes it: a KeyboardInterrupt has nobody to catch it
    wanted = options.parse(sys.argv[1:])
    doorway = Doorway(claim_stdio())
    doorway.open()

    # After claim_stdio: native libraries print to file descriptor 1. After open: this takes longer than a start may.
    gc.disable()  # looking for what imports leave behind would take a tenth of their time; the app enables it again
    import logging

    from sidecar.startup import lean_imports

    lean_imports.prepare()
    from sidecar import app, logs

    logs.configure(wanted)
    exit_code = app.run(wanted, doorway)
    logging.shutdown()
    doorway.last_resort.cancel()  # what is left to do may take its time
    doorway.parent.clean_up_for_launcher()
    os._exit(exit_code)


if __name__ == "__main__":
    main()
