"""The camera machine, seen from outside."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from environment import ROOT

from tests.camera_vm.machine import (
    CameraMachineError,
    cpio_archive,
    ensure_boot_files,
    run_in_camera_machine,
    why_no_camera_machine,
)


@pytest.fixture
def machine() -> None:
    reason = why_no_camera_machine()
    if reason:
        pytest.skip(reason)


@pytest.mark.usefixtures("machine")
@pytest.mark.timeout(300)
def test_a_command_s_output_and_exit_code_come_back() -> None:
    script = 'echo "$GREETING"; pwd; touch written-in-the-guest && ls written-in-the-guest; exit 3'
    finished = run_in_camera_machine(["sh", "-c", script], 240, environment={"GREETING": "a b"})
    assert finished.exit_code == 3
    assert finished.output.splitlines() == ["a b", str(ROOT), "written-in-the-guest"]
    assert not (ROOT / "written-in-the-guest").exists(), "what is written in the guest must be gone with it"


@pytest.mark.usefixtures("machine")
@pytest.mark.timeout(900)  # the first time, the kernel is fetched
def test_a_command_that_does_not_end_in_time_is_an_error_that_shows_the_console() -> None:
    ensure_boot_files()
    with pytest.raises(CameraMachineError, match=r"did not end within 1 s.*\n(.*\n)*Console:"):
        run_in_camera_machine(["sleep", "1000"], 1)


def test_a_cpio_archive_holds_files_and_folders(tmp_path: Path) -> None:
    busybox = shutil.which("busybox")
    if busybox is None:
        pytest.skip("busybox is not installed")
    archive = cpio_archive(["folder"], {"folder/odd": b"abc", "init": b"#!/bin/sh\n"})
    subprocess.run([busybox, "cpio", "-i"], input=archive, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "folder/odd").read_bytes() == b"abc"
    assert (tmp_path / "init").stat().st_mode & 0o111
