"""scripts/fuzzing/growth.py finds work that grows faster than the input."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from fuzzing import session
from fuzzing.growing import LONGEST_DEVICE_ID, LONGEST_SDP, Growing, growing_inputs, repeated
from fuzzing.growth import growth
from fuzzing.session import FuzzedSidecar, FuzzError

# It answers as a sidecar without connections, after work that grows with a power of the line's length.
SERVER = """
import sys, time
def work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
from fuzzing.expectation import expected_answers
for line in sys.stdin.buffer:
    work(0.002 * (len(line) / 1000) ** @POWER@)
    for answer in expected_answers(line):
        print(f'{"{"}"jsonrpc":"2.0","id":{answer},"result":{"{"}"connections":[]{"}"}{"}"}', flush=True)
"""
TEXT = repeated(" ", '{"jsonrpc":"2.0","id":1,"method":"ping"', "}")
GROWING = Growing("a line with spaces", 64_000, lambda size: TEXT(size).encode() + b"\n")


@pytest.fixture(autouse=True)
def _find_the_expectation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(session.__file__).parent.parent))


def grown(power: int) -> float:
    with FuzzedSidecar([sys.executable, "-c", SERVER.replace("@POWER@", str(power))]) as server:
        server.call("get_stats")
        return growth(server, GROWING)


def test_linear_work_passes() -> None:
    assert grown(1) < 24


def test_quadratic_work_is_found() -> None:
    with pytest.raises(FuzzError, match=r"a line with spaces: \d+ bytes take \d+ times"):
        grown(2)


@pytest.mark.parametrize("growing", growing_inputs(), ids=lambda growing: growing.name)
def test_every_input_is_as_long_as_it_says_and_in_one_line(growing: Growing) -> None:
    line = growing.make(min(growing.longest, LONGEST_SDP))
    assert line.count(b"\n") == 1
    assert len(line) > min(growing.longest, LONGEST_DEVICE_ID) // 2
