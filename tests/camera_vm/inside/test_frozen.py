"""The frozen sidecar on a real V4L2 driver: its picture, and its parent's death. Built before the machine boots."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from killing.runs import Plan, kill_run

from sidecar.client import SidecarClient
from tests.support.frozen import frozen
from tests.support.peers import gather_on_loopback
from tests.support.vivid_viewer import SIZE, VIVID_BARS, bars, picture, watching

DEVICE = "/dev/video0"
EMULATED_SECOND = 3.0
"""Seconds in the emulated machine, several times slower, for one second outside."""


def is_free() -> bool:
    """Whether no process has the device open."""
    return not any(opens(folder) for folder in Path("/proc").glob("[0-9]*/fd"))


def opens(folder: Path) -> bool:
    try:
        return any(os.path.realpath(link) == DEVICE for link in folder.iterdir())
    except OSError:  # the process has ended
        return False


@pytest.mark.parametrize(
    ("onefile", "held_pipe"),
    [(False, False), (False, True), (True, True)],
    ids=["a folder", "a folder, and a pipe that somebody else holds", "one file, and such a pipe"],
)
async def test_the_camera_is_free_again_within_a_second_of_its_parent_s_death(onefile: bool, held_pipe: bool) -> None:
    plan = Plan([str(frozen(onefile).program)], held_pipe, device_id="camera-0", is_free=is_free)
    ended = await kill_run(plan, delay=0.2)
    assert ended.survivors == ended.leftovers == ()
    assert ended.seconds is not None
    assert ended.seconds < EMULATED_SECOND


def has_opencv(pid: int) -> bool:
    """Whether a process has loaded it."""
    return "/cv2/" in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")


@pytest.mark.parametrize("backend", ["pyav", "opencv"])
async def test_the_frozen_program_shows_the_camera_through_either_library(
    monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    gather_on_loopback(monkeypatch)
    command = [str(frozen(onefile=False).program), "--camera-backend", backend]
    async with SidecarClient.start(command) as sidecar, watching(sidecar, "camera-0") as (_, viewer):
        frame = await picture(viewer)
        assert (frame.width, frame.height) == (SIZE["width"], SIZE["height"])
        assert bars(frame) == list(VIVID_BARS)
        assert has_opencv(sidecar.process.pid) == (backend == "opencv")
    assert is_free()
