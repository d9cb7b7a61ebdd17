"""The program: claims stdio first, then imports the rest, then runs."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn

from sidecar import options
from sidecar.stdio.claim import claim_stdio


def main() -> NoReturn:
    """Run the sidecar and end the process, whatever thread still hangs in a driver."""
    wanted = options.parse(sys.argv[1:])
    wire = claim_stdio()

    # After claim_stdio: native libraries print to file descriptor 1.
    from sidecar import app, logs

    logs.configure(wanted)
    exit_code = app.run(wanted, wire)
    logging.shutdown()
    os._exit(exit_code)


if __name__ == "__main__":
    main()
