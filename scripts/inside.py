"""Runs a package of this folder inside the environment, for commands that need only Python themselves."""

from __future__ import annotations

import os
import sys

from demo import run
from environment import ROOT, EnvironmentFailedError, ensure_environment


def run_inside(package: str) -> int:
    """Make the environment, run `package` in it with this command's arguments, and return the exit code."""
    try:
        python = ensure_environment(dev=True)
    except EnvironmentFailedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "scripts")])
    return run([str(python), "-m", package, *sys.argv[1:]])
