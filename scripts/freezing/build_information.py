"""The facts of a build, which a frozen sidecar prints for --version (sidecar/build_information.py)."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

import av
from environment import ROOT

from freezing.target import target_triple

FILE_NAME = "build.json"


def write_build_information(folder: Path) -> Path:
    """Write the file into `folder` and return its path."""
    file = folder / FILE_NAME
    file.write_text(json.dumps(build_information(), indent=2) + "\n", encoding="utf-8")
    return file


def build_information() -> dict[str, str]:
    """Return names and values, in the order in which --version prints them."""
    return {
        "commit": commit(),
        "date": date(),
        "target": target_triple(),
        "Python": platform.python_version(),
        "FFmpeg": av.ffmpeg_version_info,
        "PyAV": version("av"),
        "OpenCV": version("opencv-python-headless"),
        "aiortc": version("aiortc"),
    }


def commit() -> str:
    """Return the commit of the checkout, with + when files differ from it; "unknown" outside of a checkout."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return "unknown"

    def ask(*arguments: str) -> str:
        return subprocess.run(
            [git, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
        ).stdout.strip()

    head = ask("rev-parse", "--short=12", "HEAD")
    return head + "+" * bool(ask("status", "--porcelain", "--", "sidecar", "requirements.lock")) if head else "unknown"


def date() -> str:
    """Return the day of the build, UTC, or of SOURCE_DATE_EPOCH (reproducible-builds.org)."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    return time.strftime("%Y-%m-%d", time.gmtime(int(seconds) if seconds else time.time()))
