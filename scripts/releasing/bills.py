"""The bills of materials, in CycloneDX's JSON format: the parts of each artefact, their versions and licences.

The bill of the frozen folder lists its contents. The bills of the wheel, the crate and the npm package list the
dependencies that an installation adds.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from environment import ROOT, RUNTIME_LOCK
from freezing.build import NAME, Bundle
from freezing.target import target_triple
from player_package import PLAYER
from shell_app import CRATE

from releasing.crate_parts import crate_parts
from releasing.failure import run
from releasing.frozen_parts import frozen_parts
from sidecar import __version__

LICENCE = "MIT OR Apache-2.0"
SUFFIX = ".cdx.json"
"""The end of the names that CycloneDX recommends."""


def python_bill(folder: Path) -> Path:
    """Write the bill of the wheel: the dependencies as they are locked. Raises ReleaseFailedError."""
    target = folder / f"camera_sidecar-{__version__}{SUFFIX}"
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", str(RUNTIME_LOCK), "--output-reproducible"]
    command += ["--pyproject", str(ROOT / "pyproject.toml"), "--of", "JSON", "--output-file", str(target)]
    run("Writing the bill of materials of the wheel", command, ROOT)
    return target


def frozen_bill(bundle: Bundle, folder: Path) -> Path:
    """Write the bill of the frozen folder. Raises MissingLicenceError."""
    target = folder / f"{NAME}-{__version__}-{target_triple()}{SUFFIX}"
    return write_bill(target, NAME, frozen_parts(bundle))


def rust_bill(folder: Path) -> Path:
    """Write the bill of the crate: its dependencies as they are locked. Raises ReleaseFailedError."""
    return write_bill(folder / f"{CRATE}-{__version__}{SUFFIX}", CRATE, crate_parts())


def npm_bill(folder: Path) -> Path:
    """Write the bill of the npm package. Raises ReleaseFailedError."""
    target = folder / f"{NAME}-{__version__}-npm{SUFFIX}"
    command = [
        str(shutil.which("npm")),
        "sbom",
        "--sbom-format=cyclonedx",
        "--sbom-type=library",
        "--omit=dev",
        "--loglevel=error",
    ]
    target.write_text(run("Writing the bill of materials of the npm package", command, PLAYER), encoding="utf-8")
    return target


def write_bill(target: Path, name: str, parts: Iterable[Component]) -> Path:
    """Write the bill of a package of ours with these parts, and return its file."""
    root = Component(
        name=name,
        version=__version__,
        type=ComponentType.APPLICATION if name == NAME else ComponentType.LIBRARY,
        licenses=[LicenseFactory().make_from_string(LICENCE)],
    )
    bill = Bom(components=parts)
    bill.metadata.component = root
    bill.register_dependency(root, bill.components)
    text = make_outputter(bill, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)
    target.write_text(text + "\n", encoding="utf-8")
    return target
