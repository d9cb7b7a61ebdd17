"""The Python distributions: the sdist from the checkout, and the wheel from the sdist."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from environment import ROOT

from releasing.failure import run
from sidecar import __version__

NOT_SOURCES = (".*", "__pycache__", "*.egg-info", "build", "dist", "node_modules", "target")


@dataclass(frozen=True)
class Distributions:
    """The two files of one Python release."""

    sdist: Path
    wheel: Path


def build_distributions(folder: Path) -> Distributions:
    """Build the sdist and the wheel into an existing folder. Raises ReleaseFailedError.

    The environment must have the backend that pyproject.toml pins; nothing is downloaded.
    """
    with tempfile.TemporaryDirectory(prefix="camera-sidecar-release-") as temporary:
        sources = copy_sources(Path(temporary))
        command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder.resolve()), str(sources)]
        run("Building the sdist and the wheel", command, sources)
    name = f"camera_sidecar-{__version__}"
    return Distributions(folder / f"{name}.tar.gz", folder / f"{name}-py3-none-any.whl")


def copy_sources(folder: Path) -> Path:
    """Copy the checkout into `folder` and return the copy: setuptools writes its metadata beside the sources."""
    return Path(shutil.copytree(ROOT, folder / "camera-sidecar", ignore=shutil.ignore_patterns(*NOT_SOURCES)))
