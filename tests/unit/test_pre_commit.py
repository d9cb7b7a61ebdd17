""".pre-commit-config.yaml: its hooks are steps of scripts/test.py, and a step that fails stops a commit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from environment import ROOT
from generate import expected
from steps import STEPS

CONFIGURATION = ROOT / ".pre-commit-config.yaml"
FIRST_STEPS = ["style", "layers", "types", "schemas"]
CHANGED = "sidecar/contract/method.py"

RECORDS = """
import sys
from pathlib import Path
with Path("runs").open("a") as runs:
    runs.write(" ".join(sys.argv[1:]) + "\\n")
sys.exit("types" in sys.argv and Path("wrong").exists())
"""

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def test_the_hooks_are_the_first_steps_of_the_tests() -> None:
    (repository,) = yaml.safe_load(CONFIGURATION.read_text("utf-8"))["repos"]
    assert [hook["entry"] for hook in repository["hooks"]] == [
        f"python3 scripts/test.py {name}" for name in FIRST_STEPS
    ]
    assert [step.name for step in STEPS[: len(FIRST_STEPS)]] == FIRST_STEPS


def test_a_change_of_a_generated_file_runs_the_check_of_generated_files() -> None:
    (repository,) = yaml.safe_load(CONFIGURATION.read_text("utf-8"))["repos"]
    (pattern,) = (hook["files"] for hook in repository["hooks"] if hook["id"] == "schemas")
    assert [path for path in expected() if not re.search(pattern, path)] == []


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the hooks, whose scripts/test.py writes its arguments into the file `runs`."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    folder = tmp_path / "checkout"
    for name, content in (("scripts/test.py", RECORDS), (CHANGED, ""), (CONFIGURATION.name, CONFIGURATION.read_text())):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    return folder


def pre_commit(folder: Path) -> int:
    command = [sys.executable, "-m", "pre_commit", "run"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=50).returncode


@needs_git
def test_a_commit_runs_each_step_once_and_without_file_names(checkout: Path) -> None:
    assert pre_commit(checkout) == 0
    assert (checkout / "runs").read_text().splitlines() == FIRST_STEPS


@needs_git
def test_a_step_that_fails_stops_the_commit(checkout: Path) -> None:
    (checkout / "wrong").touch()
    assert pre_commit(checkout) == 1
