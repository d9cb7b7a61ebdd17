"""The workflows for public runners: least permissions, pinned actions, and steps that are scripts of this tree."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from environment import ROOT
from steps import STEPS

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
TOOLS = ("apt-get ", "rustup ")
"""The commands of the runner that are no scripts of ours: they install what the scripts need."""

PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")
LONGEST = 120  # minutes

by_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)


def read(file: Path) -> dict[str, Any]:
    workflow: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return workflow


def steps_of(file: Path) -> list[dict[str, Any]]:
    return [step for job in read(file)["jobs"].values() for step in job["steps"]]


COMMANDS = sorted({step["run"] for file in FILES for step in steps_of(file) if "run" in step})
SCRIPTS = [command for command in COMMANDS if not command.startswith(TOOLS)]


def test_there_are_workflows() -> None:
    assert {file.name for file in FILES} == {"build.yml", "tests.yml"}


@by_file
def test_a_workflow_may_read_the_repository_and_nothing_else(file: Path) -> None:
    assert read(file)["permissions"] == {"contents": "read"}
    assert [name for name, job in read(file)["jobs"].items() if "permissions" in job] == []
    checkouts = [step for step in steps_of(file) if "actions/checkout@" in step.get("uses", "")]
    assert checkouts
    assert [step for step in checkouts if step["with"]["persist-credentials"] is not False] == []
    assert "secrets." not in file.read_text("utf-8")


@by_file
def test_a_newer_run_cancels_the_older_one_and_each_job_has_a_limit(file: Path) -> None:
    assert read(file)["concurrency"]["cancel-in-progress"] is True
    limits = {name: job.get("timeout-minutes", 0) for name, job in read(file)["jobs"].items()}
    assert {name: limit for name, limit in limits.items() if not 0 < limit <= LONGEST} == {}


@by_file
def test_each_action_is_pinned_by_its_commit_with_the_version_beside_it(file: Path) -> None:
    lines = [line for line in file.read_text("utf-8").splitlines() if "uses:" in line]
    assert lines
    assert [line for line in lines if not re.fullmatch(rf" +- uses: {PINNED.pattern} # v\d+\.\d+\.\d+", line)] == []


def test_an_action_has_one_version_everywhere() -> None:
    uses = {step["uses"] for file in FILES for step in steps_of(file) if "uses" in step}
    names = [one.partition("@")[0] for one in uses]
    assert len(names) == len(set(names))


def test_each_command_is_one_command_that_every_shell_understands() -> None:
    plain = [re.sub(r"\$\{\{.*?\}\}", "", command) for command in COMMANDS]
    assert [command for command in plain if re.search(r"[|&;<>$`\\\n]", command)] == []


@pytest.mark.parametrize("command", SCRIPTS)
def test_each_script_of_a_workflow_is_in_this_tree_and_knows_its_arguments(command: str) -> None:
    words = re.sub(r"\$\{\{.*?\}\}", "", command).removeprefix("sudo ").split()
    assert words[0] in ("python", "python3")
    script = ROOT / words[1]
    shown = subprocess.run(
        [sys.executable, str(script), "--help"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    options = [word for word in words[2:] if word.startswith("--")]
    assert [option for option in options if option not in shown] == []
    if script.name == "test.py":
        chosen = {word for word in words[2:] if re.fullmatch(r"\w+", word)}
        assert chosen <= {step.name for step in STEPS}


def test_the_image_of_the_tests_has_the_oldest_rust_that_the_app_allows() -> None:
    manifest = tomllib.loads((ROOT / "tauri-shell/src-tauri/Cargo.toml").read_text("utf-8"))
    version = manifest["package"]["rust-version"]
    assert read(FOLDER / "tests.yml")["jobs"]["everything"]["container"]["image"] == f"rust:{version}-bookworm"
    toolchains = {command for command in COMMANDS if command.startswith("rustup default")}
    assert toolchains == {f"rustup default {version}"}


def test_the_sidecar_is_frozen_on_five_systems_and_the_app_built_on_three() -> None:
    jobs = read(FOLDER / "build.yml")["jobs"]
    systems = {one["system"] for one in jobs["sidecar"]["strategy"]["matrix"]["include"]}
    assert systems == {"linux-x86-64", "linux-arm64", "windows-x86-64", "macos-x86-64", "macos-arm64"}
    runners = jobs["app"]["strategy"]["matrix"]["runner"]
    assert [runner.partition("-")[0] for runner in runners] == ["ubuntu", "windows", "macos"]
