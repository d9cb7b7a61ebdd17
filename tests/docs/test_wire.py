"""The README's lines on the wire: the program answers the request as written."""

from __future__ import annotations

import json
import re
import subprocess

from tests.support.documented import blocks, matches
from tests.support.sidecar_process import ROOT, sidecar_command

WIRE = [block.text for block in blocks("README.md", "") if block.text.startswith(">> ")]


def test_the_program_answers_the_documented_request_as_documented() -> None:
    (example,) = WIRE
    request, response = re.findall(r"^(?:>>|<<) (.*)$", example, re.MULTILINE)
    done = subprocess.run(
        sidecar_command(), input=f"{request}\n", cwd=ROOT, capture_output=True, text=True, timeout=45, check=True
    )
    (answer,) = [line for line in done.stdout.splitlines() if json.loads(line).get("id") == 1]
    assert matches(response, answer)
