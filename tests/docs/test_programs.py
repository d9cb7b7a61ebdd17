"""The Python programs of the documentation, each run as it stands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.documented import Block, blocks, pages
from tests.support.sidecar_process import ROOT

LIMIT = 45.0
PROGRAMS = [block for page in pages() for block in blocks(page, "python") if not block.name]
"""The programs without a name; a named one is a part of an example that another test puts together."""


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda block: f"{block.page}:{block.line}")
def test_a_program_of_the_documentation_prints_its_result(program: Block, tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(program.text, "utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(file)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()
