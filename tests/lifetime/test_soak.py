"""A short form of scripts/soak.py: no fault of viewers and pages leaves a resource behind."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest
from soaking.cycles import KINDS, cycle
from soaking.moved_camera import MovedCamera
from soaking.rounds import Rounds
from soaking.samples import complaints
from soaking.source import VideoFile
from soaking.subject import soaked

from tests.support.peers import gather_on_loopback, until
from tests.support.sidecar_process import ROOT, sidecar_command

CYCLES = 40
SECONDS = 3.0
"""Of random faults; the end of their connections takes longer."""

ANSWER_TIMEOUT, LONG_FREEZE = 4.0, 4.5
"""Seconds in the place of 10 and 9. A suspended viewer counts as lost after 3 s and as gone after ANSWER_TIMEOUT."""

PATIENCE = 60.0
"""Seconds, for a viewer that is lost, looked for and found on a busy machine."""

NOT_LONG_ENOUGH = 10.0
"""Times the memory after the warm-up: it is level only after a thousand connections, which the long form makes."""


@pytest.fixture(autouse=True)
def _scripts_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Viewers are processes of their own."""
    gather_on_loopback(monkeypatch)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "scripts")]))


@pytest.mark.timeout(180)
async def test_connections_of_every_kind_leave_nothing(sidecar_program: str | None) -> None:
    async with soaked(sidecar_command(sidecar_program)) as subject:
        for kind in KINDS:
            await kind(subject)
        report = await cycle(subject, CYCLES, Random(1), lambda text: None)
    assert report.wrong == []
    assert complaints(report.samples, NOT_LONG_ENOUGH) == []
    assert subject.complaints == []


@pytest.mark.timeout(300)
async def test_random_faults_leave_nothing(sidecar_program: str | None, tmp_path: Path) -> None:
    video = VideoFile(str(tmp_path))
    async with MovedCamera.listening() as moved:
        sources = ["--allow-source", video.pattern, "--allow-source", moved.pattern]
        options = [*sources, "--reconnect-answer-timeout", f"{ANSWER_TIMEOUT:g}"]
        async with soaked([*sidecar_command(sidecar_program), *options]) as subject:
            rounds = Rounds(subject, video, moved, Random(1), lambda text: None, long_freeze=LONG_FREEZE)
            await rounds.go(SECONDS)
    assert rounds.wrong == []
    assert complaints(rounds.samples, NOT_LONG_ENOUGH) == []
    assert subject.complaints == []


@pytest.mark.timeout(300)
async def test_viewers_that_were_lost_go_on_in_their_sessions(sidecar_program: str | None, tmp_path: Path) -> None:
    async with MovedCamera.listening() as moved, soaked(sidecar_command(sidecar_program)) as subject:
        rounds = Rounds(subject, VideoFile(str(tmp_path)), moved, Random(1), lambda text: None)
        done = rounds.signalling.done
        async with rounds.signalling.carried():
            await rounds.faults.arrive()
            (viewer,) = rounds.faults.viewers
            for needs_fresh_receivers in (False, True):
                assert await viewer.more_pictures(PATIENCE)
                done.clear()
                await viewer.give_up_its_ways(needs_fresh_receivers)
                await until(lambda: done["reconnecting to connected"] == len(viewer.connections), PATIENCE)
                assert await viewer.more_pictures(PATIENCE)
                assert done["reconnecting to closed"] == done["reconnecting to failed"] == 0
            await viewer.leave()
    assert subject.complaints == []
