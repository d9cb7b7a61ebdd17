"""Runs all tests in order, the fast ones first.

    python3 scripts/test.py                 all tests that this machine can run; the others are listed at the end
    python3 scripts/test.py unit browser    only these steps
    python3 scripts/test.py contract --sidecar PROGRAM
                                            the contract tests, against a frozen program
    python3 scripts/test.py --all           Debian, as root: install missing packages; a skipped test is a failure

Needs only Python 3.11 and installs its dependencies outside the checkout. No test is repeated after a failure but those
that tests/unsteady.toml lists with a cause.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from debian import install_packages
from environment import ROOT, EnvironmentFailedError, ensure_environment
from node_packages import TESTS, ensure_node_modules, why_no_node
from outcomes import report, together
from steps import STEPS, Session, run_step
from unsteady import UnsteadyListError, read_unsteady_tests


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description="Run the tests.")
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"one of {', '.join(step.name for step in STEPS)}")
    parser.add_argument(
        "--all", action="store_true", help="Debian, root: install missing packages; a skipped test fails"
    )
    parser.add_argument("-k", metavar="EXPRESSION", help="select tests, as pytest's -k")
    parser.add_argument(
        "--sidecar", type=Path, metavar="PROGRAM", help="the frozen program that the step `contract` starts"
    )
    parsed = parser.parse_args()
    unknown = set(parsed.steps) - {step.name for step in STEPS}
    if unknown:
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    if parsed.sidecar and parsed.steps != ["contract"]:
        parser.error("--sidecar is for the step contract alone")
    if parsed.sidecar and not parsed.sidecar.is_file():
        parser.error(f"there is no program {parsed.sidecar}: scripts/freeze.py makes one")
    return parsed


def main(root: Path = ROOT) -> None:
    """Run the chosen steps, report at the end, exit with 1 if a test failed."""
    chosen = arguments()
    started = time.monotonic()
    try:
        unsteady = read_unsteady_tests(root)
        if chosen.all:
            install_packages()
        python = ensure_environment(dev=True)
        if why_no_node() is None:
            os.environ["CAMERA_SIDECAR_NODE_MODULES"] = str(ensure_node_modules())
            os.environ["CAMERA_SIDECAR_TEST_NODE_MODULES"] = str(ensure_node_modules(TESTS))
    except (EnvironmentFailedError, UnsteadyListError) as error:
        sys.exit(str(error))
    steps = [step for step in STEPS if not chosen.steps or step.name in chosen.steps]
    with tempfile.TemporaryDirectory(prefix="camera-sidecar-tests-") as reports:
        sidecar = str(chosen.sidecar.resolve()) if chosen.sidecar else None
        session = Session(str(python), Path(reports), chosen.k, unsteady, root, sidecar=sidecar)
        total = together([run_step(step, session, chosen.all) for step in steps])
    print(f"\nAll steps took {time.monotonic() - started:.0f} s.")
    report(total)
    sys.exit(1 if total.failed else 0)


if __name__ == "__main__":
    main()
