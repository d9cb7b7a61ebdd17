"""Freezes, reports and checks; see freeze.py for the command line."""

from __future__ import annotations

import asyncio
import sys

from freeze import parse
from progress import MovingLine

from freezing import report
from freezing.build import Bundle, FreezeFailedError, bundle_of, freeze
from freezing.check import CheckFailedError, check
from freezing.licences import MissingLicenceError


def main() -> int:
    """Run the command line and return the exit code."""
    options = parse(sys.argv[1:])
    try:
        bundle = bundle_of(options.dist, options.onefile) if options.report else freeze(options.dist, options.onefile)
        show(bundle)
        if not options.report and not options.no_check:
            with MovingLine("Checking that it runs"):
                seen = asyncio.run(check(bundle.program))
            print(f"It runs: {seen}")
    except (FreezeFailedError, MissingLicenceError, CheckFailedError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def show(bundle: Bundle) -> None:
    """Print the table of the bundle's packages. Raises FreezeFailedError for a package without a reason."""
    print(f"\n{report.table(bundle.inventory, report.size_on_disk(bundle.path))}\n\n{bundle.program}", flush=True)
    if strangers := report.unknown(bundle.inventory):
        raise FreezeFailedError(f"In the bundle without a reason: {', '.join(strangers)} (see freezing/report.py).")


if __name__ == "__main__":
    sys.exit(main())
