"""The program: takes the wire, sends `ready`, imports the other modules, and runs."""

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
    """Run the sidecar and end the process, also while a thread hangs in a driver."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the app handles it: a KeyboardInterrupt here is not caught
    wanted = options.parse(sys.argv[1:])
    doorway = Doorway(claim_stdio())
    doorway.open()

    # After claim_stdio: native libraries print to file descriptor 1. After open: these imports take 0.1 s and more.
    gc.disable()  # collections during the imports would take a tenth of their time; the app enables them again
    import logging

    from sidecar.startup import lean_imports

    given_up = lean_imports.prepare()
    from sidecar import app, logs

    logs.configure(wanted)
    lean_imports.report(given_up)
    exit_code = app.run(wanted, doorway)
    logging.shutdown()
    doorway.last_resort.cancel()  # the clean-up may take longer
    doorway.parent.clean_up_for_launcher()
    os._exit(exit_code)


if __name__ == "__main__":
    main()
