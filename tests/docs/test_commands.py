"""The shell commands of the documentation."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest

from tests.docs.not_run import NOT_RUN
from tests.support.documented import blocks, pages
from tests.support.sidecar_process import ROOT, sidecar_command

LIMIT = 45.0
ELSEWHERE = {
    "pip install .": "tests/packaging/test_distributions.py",
    "python server.py": "tests/docs/test_html.py",
}
"""Commands that another test runs as they stand."""

TEMPLATES = ("docs/getting-started/tauri.md", "docs/getting-started/frameworks.md")
"""The pages that tests/templates follows word for word."""


def commands() -> list[tuple[str, str]]:
    """The page and the text of each command, comments and lines of NOT_RUN left out."""
    return [
        (page, command)
        for page in pages()
        if page not in TEMPLATES
        for block in blocks(page, "sh")
        if not any(page == other and block.text.startswith(begin) for other, begin in NOT_RUN)
        for command in block.text.replace("\\\n", "").splitlines()
        if shlex.split(command, comments=True)
    ]


def output_of(*command: str) -> str:
    """The output of a command that must succeed."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("page", "command"), commands())
def test_a_command_of_the_documentation_is_accepted(page: str, command: str) -> None:
    program, *arguments = shlex.split(command, comments=True)
    if command in ELSEWHERE:
        assert (ROOT / ELSEWHERE[command]).exists()
    elif program == "camera-sidecar":
        # The arguments before --version are parsed, and the program ends there.
        assert output_of(*sidecar_command(None, *arguments, "--version"))
    else:
        # A script may run for hours: its own help must know each of the options.
        assert (program, arguments[0].partition("/")[0]) == ("python3", "scripts")
        script, *options = arguments
        known = output_of(sys.executable, script, "--help")
        for option in options:
            assert not option.startswith("-") or option in known
