"""The error of a release, and the commands that raise it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from progress import run_showing_life

LIMIT = 1800.0  # seconds for one command; cargo compiles the plugin's dependencies


class ReleaseFailedError(Exception):
    """A part of the release cannot be made; the text has the reason."""


def run(title: str, command: Sequence[str], folder: Path) -> str:
    """Run a command in `folder` and return its output. Raises ReleaseFailedError."""
    done = run_showing_life(title, command, timeout=LIMIT, folder=folder)
    if done.exit_code != 0:
        reason = f"was stopped after {LIMIT:.0f} s" if done.timed_out else "failed"
        raise ReleaseFailedError(f"{done.output[-4000:]}\n{title}: it {reason}.")
    return done.output
