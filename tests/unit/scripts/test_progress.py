"""scripts/progress.py: commands behind a line that shows life."""

from __future__ import annotations

import sys

import pytest
from progress import KEPT_LINES, run_showing_life


def test_a_command_s_output_and_exit_code_come_back() -> None:
    program = "import sys; print('one'); print('two', file=sys.stderr); sys.exit(3)"
    done = run_showing_life("Trying", [sys.executable, "-c", program], timeout=30)
    assert (done.exit_code, sorted(done.output.split()), done.timed_out) == (3, ["one", "two"], False)


def test_a_command_that_does_not_end_is_stopped() -> None:
    done = run_showing_life(
        "Trying", [sys.executable, "-c", "input() if 0 else __import__('time').sleep(60)"], timeout=0.5
    )
    assert done.timed_out
    assert done.exit_code != 0


def test_of_a_long_output_the_end_is_kept() -> None:
    program = f"for number in range({KEPT_LINES} + 10): print(number)"
    lines = run_showing_life("Trying", [sys.executable, "-c", program], timeout=30).output.splitlines()
    assert len(lines) == KEPT_LINES
    assert lines[-1] == str(KEPT_LINES + 9)


def test_without_a_terminal_there_is_a_plain_line(capsys: pytest.CaptureFixture[str]) -> None:
    run_showing_life("Trying", [sys.executable, "-c", ""], timeout=30)
    assert capsys.readouterr().out == "Trying …\n"
