"""docs/command-line.md has every option of the program, with its value and its default."""

from __future__ import annotations

import re
import subprocess

import pytest

from sidecar.options import EXIT_NOT_CLEAN, EXIT_OK, EXIT_USAGE, parse
from tests.support.documented import text_of
from tests.support.sidecar_process import ROOT, sidecar_command

PAGE = text_of("docs/command-line.md")
ROWS = dict(re.findall(r"^\| `(--[^`]*|@FILE)` \| (.*) \|$", PAGE, re.MULTILINE))
"""The meaning of each option, by the option with its value."""


def options_of_the_program() -> dict[str, str]:
    """The value of each option in the program's help, which is empty for a switch."""
    command = sidecar_command(None, "--help")
    usage = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=45, check=True).stdout
    found = re.findall(r"^  (?:-\w, )?(--[\w-]+)(?: (\{[^}]*\}|[A-Z_]+))?", usage, re.MULTILINE)
    return {option: value.strip("{}").replace(",", "|") for option, value in found}


def test_the_page_has_every_option_with_its_value() -> None:
    documented = {}
    for row in ROWS:
        option, _, value = row.replace("\\|", "|").partition(" ")
        documented[option] = value
    del documented["@FILE"]
    assert documented == options_of_the_program()


@pytest.mark.parametrize(
    ("option", "default"),
    [
        ("--reconnect-tries N", parse([]).recovery.tries),
        ("--reconnect-pause S", parse([]).recovery.first_pause),
        ("--reconnect-pause-max S", parse([]).recovery.longest_pause),
        ("--reconnect-answer-timeout S", parse([]).recovery.answer_timeout),
        ("--log-level debug\\|info\\|warning\\|error", f"`{parse([]).log_level}`"),
        ("--camera-backend auto\\|pyav\\|opencv", f"`{parse([]).camera_backend}`"),
    ],
)
def test_the_page_has_the_default(option: str, default: object) -> None:
    text = f"{default:g}" if isinstance(default, float) else str(default)
    assert f"({text}" in ROWS[option]


def test_the_page_has_the_exit_codes() -> None:
    codes = re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE)
    assert [int(code) for code in codes] == [EXIT_OK, EXIT_NOT_CLEAN, EXIT_USAGE]
