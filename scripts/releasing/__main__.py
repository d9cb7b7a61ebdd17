"""Makes one part of a release; see release.py for the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from environment import EnvironmentFailedError
from freezing.build import FreezeFailedError, bundle_of
from release import parse

from releasing.archive import pack
from releasing.bills import frozen_bill, npm_bill, python_bill, rust_bill
from releasing.checksums import write_checksums
from releasing.distributions import build_distributions
from releasing.failure import ReleaseFailedError
from releasing.packages import pack_crate, pack_npm_package


def python(dist: Path, release: Path) -> list[Path]:
    """Make the sdist and the wheel."""
    built = build_distributions(release)
    return [built.sdist, built.wheel, python_bill(release)]


def frozen(dist: Path, release: Path) -> list[Path]:
    """Pack the frozen folder."""
    bundle = bundle_of(dist, onefile=False)
    return [pack(bundle.path, release), frozen_bill(bundle, release)]


def crate(dist: Path, release: Path) -> list[Path]:
    """Pack the crate."""
    return [pack_crate(release), rust_bill(release)]


def npm(dist: Path, release: Path) -> list[Path]:
    """Pack the npm package."""
    return [pack_npm_package(release), npm_bill(release)]


def checksums(dist: Path, release: Path) -> list[Path]:
    """Write the checksums of the parts that were made before."""
    return [write_checksums(release)]


MAKERS: dict[str, Callable[[Path, Path], list[Path]]] = {
    "python": python,
    "frozen": frozen,
    "crate": crate,
    "npm": npm,
    "checksums": checksums,
}


def main() -> int:
    """Run the command line and return the exit code."""
    options = parse(sys.argv[1:])
    release = options.dist / "release"
    release.mkdir(parents=True, exist_ok=True)
    try:
        for file in MAKERS[options.part](options.dist, release):
            print(f"{file.stat().st_size / 1e6:9.3f} MB  {file}")
    except (ReleaseFailedError, FreezeFailedError, EnvironmentFailedError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
