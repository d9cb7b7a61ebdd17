"""A short form of scripts/fuzz.py: hostile lines, each answered as it must be."""

from __future__ import annotations

from fuzzing.__main__ import fuzz
from fuzzing.session import INTERNAL_ERROR

from tests.support.sidecar_process import sidecar_command

LINES = 3000
SEED = 20240607


def test_hostile_lines_are_each_answered_once_and_never_by_an_internal_error(sidecar_program: str | None) -> None:
    report = fuzz(sidecar_command(sidecar_program), LINES, SEED)
    assert report.answers > LINES
    assert INTERNAL_ERROR not in report.errors
    assert len(report.errors) > 8, "the lines reach deep enough for many kinds of errors"
