"""The frozen sidecar on a real V4L2 driver, when its parent is killed. Built before the machine boots."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from killing.runs import Plan, kill_run

from tests.support.frozen import frozen

DEVICE = "/dev/video0"
EMULATED_SECOND = 3.0
"""What a second outside may take in here, where everything is several times slower."""


def is_free() -> bool:
    """Whether no process has the device open."""
    return not any(opens(folder) for folder in Path("/proc").glob("[0-9]*/fd"))


def opens(folder: Path) -> bool:
    try:
        return any(os.path.realpath(link) == DEVICE for link in folder.iterdir())
    except OSError:  # the process has ended
        return False


@pytest.mark.parametrize("held_pipe", [False, True], ids=["its own pipe", "a pipe that somebody else holds"])
async def test_the_camera_is_free_again_within_a_second_of_its_parent_s_death(held_pipe: bool) -> None:
    program = str(frozen(onefile=False).program)  # one file unpacks itself for minutes in here
    ended = await kill_run(Plan([program], held_pipe, device_id="camera-0", is_free=is_free), delay=0.2)
    assert ended.survivors == ended.leftovers == ()
    assert ended.seconds is not None
    assert ended.seconds < EMULATED_SECOND
