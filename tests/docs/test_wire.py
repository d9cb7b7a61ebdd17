"""The README's lines on the wire: the program answers the request as written."""

from __future__ import annotations

import json
import re

from tests.support.documented import blocks, matches
from tests.support.sidecar_process import raw_process, sidecar_command

WIRE = [block.text for block in blocks("README.md", "") if block.text.startswith(">> ")]


def test_the_program_answers_the_documented_request_as_documented() -> None:
    (example,) = WIRE
    request, response = re.findall(r"^(?:>>|<<) (.*)$", example, re.MULTILINE)
    with raw_process(sidecar_command()) as process:
        process.send(request.encode() + b"\n")
        answer = process.answer(1)
    assert matches(response, json.dumps(answer, separators=(",", ":"), ensure_ascii=False))
