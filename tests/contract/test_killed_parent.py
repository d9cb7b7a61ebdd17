"""A short form of scripts/kill_runs.py: the parent is killed while the sidecar streams."""

from __future__ import annotations

import sys

import pytest
from killing.runs import Plan, kill_run

from tests.support.sidecar_process import sidecar_command


@pytest.mark.parametrize("held_pipe", [False, True], ids=["its own pipe", "a pipe that somebody else holds"])
@pytest.mark.parametrize("delay", [0.0, 0.3])
async def test_nothing_outlives_a_killed_parent_by_more_than_a_second(
    sidecar_program: str | None, held_pipe: bool, delay: float
) -> None:
    ended = await kill_run(Plan(sidecar_command(sidecar_program), held_pipe), delay)
    assert ended.survivors == ended.leftovers == ()
    assert ended.is_clean, ended


async def test_a_process_that_does_outlive_it_is_found_and_ended() -> None:
    with_a_child = """
import os, subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"], stdin=subprocess.DEVNULL)
os.execv(sys.executable, [sys.executable, "-m", "sidecar"])
"""
    ended = await kill_run(Plan([sys.executable, "-c", with_a_child], end_seconds=0.5), 0.0)
    assert not ended.is_clean
    assert "time.sleep" in ended.survivors[0]
