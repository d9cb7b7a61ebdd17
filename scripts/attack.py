"""The common options of the programs that attack a sidecar: the program under test and the random seed."""

from __future__ import annotations

import argparse
import sys
from random import SystemRandom


def add_options(parser: argparse.ArgumentParser, seed_help: str) -> None:
    """Add --program and --seed."""
    parser.add_argument("--program", metavar="PATH", help="a frozen sidecar in the place of python -m sidecar")
    parser.add_argument("--seed", type=int, help=seed_help)


def command_of(options: argparse.Namespace) -> list[str]:
    """Return the command line of the sidecar under test."""
    return [options.program] if options.program else [sys.executable, "-m", "sidecar"]


def seed_of(options: argparse.Namespace) -> int:
    """Return the seed, a random one by default, and print it, so that the run can be repeated."""
    seed: int = SystemRandom().randrange(2**32) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    return seed
