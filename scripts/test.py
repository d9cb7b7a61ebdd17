"""All tests, in order, the fast ones first.

    python3 scripts/test.py                 what this machine can run; what it cannot is named at the end
    python3 scripts/test.py unit browser    only these steps
    python3 scripts/test.py --all           Debian, as root: install what is missing, then nothing may be skipped

Needs Python 3.11 and nothing else; everything more is installed outside the checkout.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from debian import install_packages
from environment import EnvironmentFailedError, ensure_environment
from node_packages import TESTS, ensure_node_modules, why_no_node
from steps import STEPS, Session, run_step, summary, together


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Run the tests.")
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"of {', '.join(step.name for step in STEPS)}")
    parser.add_argument("--all", action="store_true", help="Debian, root: install what is missing, skip nothing")
    parser.add_argument("-k", metavar="EXPRESSION", help="which tests, as pytest's -k")
    parsed = parser.parse_args()
    unknown = set(parsed.steps) - {step.name for step in STEPS}
    if unknown:
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    return parsed


def main() -> None:
    """Run the steps chosen, report at the end, exit with 1 if anything failed."""
    chosen = arguments()
    started = time.monotonic()
    try:
        if chosen.all:
            install_packages()
        python = ensure_environment(dev=True)
        if why_no_node() is None:
            os.environ["CAMERA_SIDECAR_NODE_MODULES"] = str(ensure_node_modules())
            os.environ["CAMERA_SIDECAR_TEST_NODE_MODULES"] = str(ensure_node_modules(TESTS))
    except EnvironmentFailedError as error:
        sys.exit(str(error))
    steps = [step for step in STEPS if not chosen.steps or step.name in chosen.steps]
    with tempfile.TemporaryDirectory(prefix="camera-sidecar-tests-") as reports:
        session = Session(str(python), Path(reports), chosen.k)
        total = together([run_step(step, session, chosen.all) for step in steps])
    print(f"\nAll of it took {time.monotonic() - started:.0f} s.")
    unsteady = "Failed once, and passed when tried again:"
    for heading, names in (("Skipped:", total.skipped), (unsteady, total.unsteady), ("Failed:", total.failed)):
        if names:
            print(heading, *(f"  {name}" for name in names), sep="\n")
    print(summary(total), flush=True)
    sys.exit(1 if total.failed else 0)


if __name__ == "__main__":
    main()
