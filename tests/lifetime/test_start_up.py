"""The moments of the imports: the first answer waits for no slow one, and picture libraries come with pictures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from sidecar.commands.imports import PRELOADED
from tests.support.marked_program import marked_command
from tests.support.running_sidecar import RunningSidecar, running_sidecar
from tests.support.sidecar_process import ROOT, sidecar_command

SLOW = {
    "asyncio",
    "dataclasses",
    "inspect",
    "ipaddress",
    "logging",
    "pathlib",
    "pydantic",
    "jsonrpcserver",
    "jsonschema",
}
MEDIA = {"av", "cv2", "numpy", "aiortc", "aioice", "cryptography", "websockets"}
PICTURES = {"av", "cv2", "numpy"}
UNUSED = {
    "aiortc.codecs",
    "aiortc.rtcsctptransport",
    "attrs",
    "dns",
    "importlib.metadata",
    "jsonschema",
    "oslash.state",
}
OTHER_CAMERAS = {
    "sidecar.cameras.conversion",
    "sidecar.cameras.files",
    "sidecar.cameras.rtsp",
    "sidecar.cameras.sources.file_path",
    "sidecar.cameras.sources.rtsp_url",
}
"""Modules that only network cameras, files and pictures in other formats need."""

IDLE_MEGABYTES = 60


def imported_by(*modules: str, before: str = "") -> set[str]:
    """Return the modules that an interpreter has imported after these modules and the code `before` them."""
    code = f"{before}\nimport sys, {', '.join(modules)}; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    return set(subprocess.check_output(command, cwd=ROOT, text=True, timeout=60).split())


def test_the_first_answer_waits_for_no_slow_import() -> None:
    assert imported_by("sidecar.__main__") & (SLOW | MEDIA) == set()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere libav lists the cameras")
def test_nothing_that_touches_pictures_or_the_network_is_imported_with_the_program() -> None:
    assert imported_by("sidecar.app", "sidecar.logs") & MEDIA == set()


def test_what_an_offer_needs_brings_nothing_that_only_pictures_need() -> None:
    code = "import sys; sys.frozen = True; from sidecar.startup import lean_imports; lean_imports.prepare()"
    found = imported_by(*PRELOADED, before=code)
    assert set(PRELOADED) <= found
    assert found & (PICTURES | UNUSED | OTHER_CAMERAS) == set()


def libraries(sidecar: RunningSidecar) -> str:
    """The files that the process has mapped: its native libraries among them."""
    return Path(f"/proc/{sidecar.pid}/maps").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_sidecar_that_has_offered_but_no_camera_needs_little_memory(
    sidecar_program: str | None, tmp_path: Path
) -> None:
    command = sidecar_command(sidecar_program) if sidecar_program else marked_command()
    with running_sidecar(command, tmp_path / "temporary") as sidecar:
        sidecar.call(1, "initialize")
        sidecar.call(2, "get_available_cameras")
        sidecar.call(3, "get_stats")
        sidecar.call(4, "create_offer")  # waits for the import of its modules
        for name in ("libav", "cv2", "numpy"):
            assert name not in libraries(sidecar)
        assert psutil.Process(sidecar.pid).memory_info().rss <= IDLE_MEGABYTES * 1024 * 1024


def test_what_an_offer_needs_is_imported_before_anybody_asks(sidecar_program: str | None, tmp_path: Path) -> None:
    command = [*sidecar_command(sidecar_program), "--log-level", "debug", "--log-notifications"]
    with running_sidecar(command, tmp_path / "temporary") as sidecar:
        told = ""
        while not told.startswith("imported in"):
            message = sidecar.wire.receive()
            told = message["params"]["message"] if message["method"] == "log" else ""
        assert set(told.partition(": ")[2].split(", ")) == set(PRELOADED)


def test_garbage_is_looked_for_when_what_an_offer_needs_is_there(tmp_path: Path) -> None:
    # The real program, changed so that gc.enable ends the process.
    code = (
        "import gc, os, sys; from sidecar.__main__ import main;"
        f"gc.enable = lambda: os._exit(7 if {{*{PRELOADED}}} <= {{*sys.modules}} else 8);"
        "sys.argv = ['camera-sidecar']; main()"
    )
    with running_sidecar([sys.executable, "-c", code], tmp_path / "temporary") as sidecar:
        assert sidecar.wire.wait(30) == 7


def test_other_requests_are_answered_while_one_waits_for_its_imports(
    sidecar_program: str | None, tmp_path: Path
) -> None:
    with running_sidecar(sidecar_command(sidecar_program), tmp_path / "temporary") as sidecar:
        sidecar.call(1, "get_available_cameras")
        sidecar.request(2, "start_camera_webrtc_session", device_id="test:pattern")
        sidecar.request(3, "ping")
        answers: list[dict[str, object]] = []
        while len(answers) < 2:
            message = sidecar.wire.receive()
            if "id" in message:
                answers.append(message)
        assert [answer["id"] for answer in answers] == [3, 2]
        assert "result" in answers[1]
