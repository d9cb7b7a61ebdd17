"""scripts/steps.py: what is counted, and what counts as failed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
import steps
from environment import EnvironmentFailedError
from steps import Outcome, Session, Step

TESTS = """
import pytest
def test_good(): pass
def test_bad(): assert False
@pytest.mark.skip(reason="no such hardware")
def test_skipped(): pass
@pytest.fixture
def broken(): raise OSError
def test_broken(broken): pass
"""


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session whose checkout is a folder of its own."""
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    return Session(sys.executable, tmp_path, None)


def test_pytest_s_tests_are_counted_one_by_one(session: Session, tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    outcome = steps.pytest("test_some.py")(session)
    assert outcome.passed == 1
    assert outcome.failed == ["test_some.test_bad", "test_some.test_broken"]
    assert outcome.skipped == ["test_some.test_skipped: no such hardware"]


UNSTEADY = """
from pathlib import Path
def test_good(): pass
def test_unsteady():
    tries = Path(__file__).with_suffix(".tries")
    tries.touch()
    with tries.open("a") as file: file.write(".")
    assert len(tries.read_text()) > 1
"""


def test_a_test_that_passes_when_it_is_tried_again_is_told_as_unsteady(session: Session, tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(UNSTEADY)
    assert steps.pytest("test_some.py")(session) == Outcome(passed=2, unsteady=["test_some.test_unsteady"])


def test_a_peer_that_is_missing_is_skipped_once_by_its_name(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tests" / "receivers").mkdir(parents=True)
    (tmp_path / "tests" / "receivers" / "test_some.py").write_text(
        "import pytest\ndef test_one(): pytest.skip('no Go')\ndef test_two(): pytest.skip('no Go')\n"
        "def test_three(): pytest.skip('no display')\ndef test_four(): pass\n"
    )
    monkeypatch.setattr(steps, "prepare_peers", lambda: None)
    monkeypatch.setattr(steps, "why_not", {"pion": "no Go"}.get)
    outcome = steps.receivers(session)
    assert outcome.passed == 1
    assert outcome.skipped == ["tests.receivers.test_some.test_three: no display", "receivers: pion: no Go"]


def test_many_failures_are_not_tried_again(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "MOST_UNSTEADY", 0)
    (tmp_path / "test_some.py").write_text(UNSTEADY)
    assert steps.pytest("test_some.py")(session) == Outcome(passed=1, failed=["test_some.test_unsteady"])


def test_a_folder_without_tests_has_failed(session: Session, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert steps.pytest("empty")(session).failed == ["empty: pytest ended with 5 and no failed test"]


def test_a_folder_in_which_nothing_was_selected_has_not_failed(tmp_path: Path, session: Session) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    assert steps.pytest("test_some.py")(Session(session.python, tmp_path, "nothing_of_this_name")) == Outcome()


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_node_s_tests_are_counted_one_by_one(session: Session, tmp_path: Path) -> None:
    (tmp_path / "tests/frontend").mkdir(parents=True)
    (tmp_path / "tests/frontend/some.test.js").write_text(
        "const { test } = require('node:test');"
        "test('good', () => {}); test('bad', () => { throw new Error('bad'); }); test('not', { skip: true }, () => {});"
    )
    outcome = steps.node_tests(session, shutil.which("node") or "")
    assert (outcome.passed, len(outcome.failed), len(outcome.skipped)) == (1, 1, 1)


def test_a_step_that_cannot_run_is_skipped_with_its_reason(session: Session) -> None:
    step = Step("browser", "in Chromium", lambda _: Outcome(passed=1), lambda: "Chromium is not installed")
    assert steps.run_step(step, session, everything=False).skipped == ["browser: Chromium is not installed"]


def test_with_everything_asked_for_a_skipped_test_has_failed(session: Session) -> None:
    step = Step("unit", "unit tests", lambda _: Outcome(passed=1, skipped=["test_a: no reason"]))
    outcome = steps.run_step(step, session, everything=True)
    assert outcome == Outcome(passed=1, failed=["skipped, though nothing may be: test_a: no reason"])


def test_a_step_whose_tools_cannot_be_installed_has_failed(session: Session) -> None:
    def fail(_: Session) -> Outcome:
        raise EnvironmentFailedError("npm ci failed")

    assert steps.run_step(Step("frontend", "", fail), session, everything=False).failed == ["frontend: npm ci failed"]


def test_a_check_that_fails_shows_its_output(session: Session, capfd: pytest.CaptureFixture[str]) -> None:
    outcome = steps.check("a check", [sys.executable, "-c", "print('the reason'); raise SystemExit(1)"])
    assert outcome.failed == ["a check"]
    assert "the reason" in capfd.readouterr().out


def test_a_test_runner_that_does_not_end_is_stopped(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "STEP_LIMIT", 0.5)
    assert steps.run_tests([sys.executable, "-c", "import time; time.sleep(60)"]) != 0
