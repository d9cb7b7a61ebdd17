"""scripts/steps.py: the count of the tests, the second run of listed ones, and the conditions for a failure."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import steps
from environment import ROOT, EnvironmentFailedError
from outcomes import Outcome, report, summary
from steps import Session, Step
from unsteady import UnsteadyTests

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
def session(tmp_path: Path) -> Session:
    """A session with an empty folder as its checkout."""
    return Session(sys.executable, tmp_path, root=tmp_path)


def test_pytest_s_tests_are_counted_one_by_one(session: Session, tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    outcome = steps.pytest("test_some.py")(session)
    assert outcome.passed == 1
    assert outcome.failed == ["test_some.py::test_bad", "test_some.py::test_broken"]
    assert outcome.skipped == ["test_some.py::test_skipped: no such hardware"]


FAILS_AT_FIRST = """
from pathlib import Path
import pytest
def runs(name):
    runs = Path(__file__).with_name(name)
    with runs.open("a") as file: file.write(".")
    return len(runs.read_text())
def test_good(): assert runs("good") == 1
@pytest.mark.parametrize("case", ["one case", "other"])
def test_fails_at_first(case): assert runs(case) > 1
def test_always_fails(): assert runs("always") == 0
"""
AT_FIRST = "test_some.py::test_fails_at_first"
ALWAYS = "test_some.py::test_always_fails"


def runs(folder: Path, name: str) -> int:
    """How often a test of FAILS_AT_FIRST ran."""
    return len((folder / name).read_text("utf-8"))


def test_no_test_runs_a_second_time_that_is_not_listed(session: Session, tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(FAILS_AT_FIRST)
    outcome = steps.pytest("test_some.py")(session)
    assert outcome == Outcome(passed=1, failed=[f"{AT_FIRST}[one case]", f"{AT_FIRST}[other]", ALWAYS])
    assert [runs(tmp_path, name) for name in ("good", "one case", "other", "always")] == [1, 1, 1, 1]


def test_a_listed_test_runs_a_second_time_alone_and_the_outcome_says_so(session: Session, tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(FAILS_AT_FIRST)
    listed = replace(session, unsteady=UnsteadyTests({AT_FIRST: "the kernel"}))
    outcome = steps.pytest("test_some.py")(listed)
    repeated = [f"{AT_FIRST}[one case]: passed: the kernel", f"{AT_FIRST}[other]: passed: the kernel"]
    assert outcome == Outcome(passed=3, failed=[ALWAYS], repeated=repeated)
    assert [runs(tmp_path, name) for name in ("good", "one case", "other", "always")] == [1, 2, 2, 1]
    assert summary(outcome) == "3 passed, 1 failed, 0 skipped, 2 ran a second time"


def test_a_listed_test_that_fails_twice_has_failed(session: Session, tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(FAILS_AT_FIRST)
    listed = replace(session, unsteady=UnsteadyTests({ALWAYS: "the kernel"}))
    outcome = steps.pytest("test_some.py", "-k", "always")(listed)
    assert outcome == Outcome(failed=[ALWAYS], repeated=[f"{ALWAYS}: failed again: the kernel"])
    assert runs(tmp_path, "always") == 2


def test_a_listed_test_that_passes_runs_once(session: Session, tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(FAILS_AT_FIRST)
    listed = replace(session, unsteady=UnsteadyTests({"test_some.py::test_good": "the kernel"}))
    outcome = steps.pytest("test_some.py", "-k", "good")(listed)
    assert outcome == Outcome(passed=1)
    assert summary(outcome) == "1 passed, 0 failed, 0 skipped"


def test_the_last_lines_of_a_run_name_the_tests_that_ran_a_second_time(capsys: pytest.CaptureFixture[str]) -> None:
    report(Outcome(passed=2, repeated=["tests/test_some.py::test_a: passed: the kernel"]))
    assert capsys.readouterr().out.splitlines() == [
        "Ran a second time, as tests/unsteady.toml allows:",
        "  tests/test_some.py::test_a: passed: the kernel",
        "2 passed, 0 failed, 0 skipped, 1 ran a second time",
    ]


def test_a_module_that_cannot_be_imported_has_failed(session: Session, tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text("import no_such_module")
    (failed,) = steps.pytest("test_some.py")(session).failed
    assert "test_some" in failed


def test_a_test_of_a_class_is_named_with_its_class(session: Session, tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text("class TestGroup:\n    def test_bad(self): assert False\n")
    assert steps.pytest("test_some.py")(session).failed == ["test_some.py::TestGroup::test_bad"]


def test_a_peer_that_is_missing_is_skipped_once_by_its_name(session: Session, tmp_path: Path) -> None:
    (tmp_path / "tests" / "receivers").mkdir(parents=True)
    (tmp_path / "tests" / "receivers" / "test_some.py").write_text(
        "import pytest\ndef test_one(): pytest.skip('no Go')\ndef test_two(): pytest.skip('no Go')\n"
        "def test_three(): pytest.skip('no display')\ndef test_four(): pass\n"
    )
    outcome = steps.receivers(session, prepare=lambda: None, why_not={"pion": "no Go"}.get)
    assert outcome.passed == 1
    assert outcome.skipped == ["tests/receivers/test_some.py::test_three: no display", "receivers: pion: no Go"]


def test_a_folder_without_tests_has_failed(session: Session, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert steps.pytest("empty")(session).failed == ["empty: pytest ended with 5 and no failed test"]


def test_a_folder_in_which_nothing_was_selected_has_not_failed(tmp_path: Path, session: Session) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    assert steps.pytest("test_some.py")(replace(session, keyword="nothing_of_this_name")) == Outcome()


CONTRACT = """
import pytest
def test_program(pytestconfig): assert pytestconfig.getoption("--sidecar") == {program!r}
@pytest.mark.once
def test_of_the_tree_alone(): pass
"""
OPTIONS = """
def pytest_addoption(parser): parser.addoption("--sidecar")
def pytest_configure(config): config.addinivalue_line("markers", "once: of the tree alone")
"""


@pytest.mark.parametrize(("program", "passed"), [("/opt/camera-sidecar", 1), (None, 2)])
def test_the_contract_tests_start_the_program_of_the_session(
    session: Session, tmp_path: Path, program: str | None, passed: int
) -> None:
    folder = tmp_path / "tests" / "contract"
    folder.mkdir(parents=True)
    (folder / "conftest.py").write_text(OPTIONS)
    (folder / "test_program.py").write_text(CONTRACT.format(program=program))
    outcome = steps.contract(replace(session, sidecar=program))
    assert (outcome.passed, outcome.failed) == (passed, [])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["unit", "--sidecar", __file__], "--sidecar is for the step contract alone"),
        (["contract", "--sidecar", "nowhere/sidecar"], "there is no program nowhere/sidecar"),
    ],
)
def test_a_program_that_no_test_would_start_is_refused(arguments: list[str], reason: str) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "test.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert reason in done.stderr


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
    assert outcome == Outcome(passed=1, failed=["skipped, which --all does not allow: test_a: no reason"])


def test_a_step_whose_tools_cannot_be_installed_has_failed(session: Session) -> None:
    def fail(_: Session) -> Outcome:
        raise EnvironmentFailedError("npm ci failed")

    assert steps.run_step(Step("frontend", "", fail), session, everything=False).failed == ["frontend: npm ci failed"]


def test_a_check_that_fails_shows_its_output(session: Session, capfd: pytest.CaptureFixture[str]) -> None:
    outcome = steps.check("a check", [sys.executable, "-c", "print('the reason'); raise SystemExit(1)"])
    assert outcome.failed == ["a check"]
    assert "the reason" in capfd.readouterr().out


def test_a_test_runner_that_does_not_end_is_stopped(session: Session) -> None:
    endless = [sys.executable, "-c", "import time; time.sleep(600)"]
    assert steps.run_tests(endless, replace(session, limit=0.5)) != 0


@pytest.mark.skipif(sys.platform == "win32", reason="a signal of POSIX")
def test_an_interrupted_run_leaves_no_test_runner_behind(session: Session, tmp_path: Path) -> None:
    told = tmp_path / "process-id"
    code = (
        f"import os, pathlib, signal, time\npathlib.Path({str(told)!r}).write_text(str(os.getpid()))\n"
        "os.kill(os.getppid(), signal.SIGINT)\ntime.sleep(600)\n"
    )
    with pytest.raises(KeyboardInterrupt):
        steps.run_tests([sys.executable, "-c", code], session)
    assert not psutil.pid_exists(int(told.read_text("utf-8")))
