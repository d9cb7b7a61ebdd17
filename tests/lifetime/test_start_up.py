"""What is imported when: the first answer waits for nothing, and pictures cost nothing before there are any."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.running_sidecar import RunningSidecar, running_sidecar
from tests.support.sidecar_process import ROOT, sidecar_command

SLOW = {"asyncio", "logging", "pathlib", "pydantic", "jsonrpcserver", "jsonschema"}
MEDIA = {"av", "cv2", "numpy", "aiortc", "aioice", "cryptography", "websockets"}
IDLE_MEGABYTES = 60


def imported_by(*modules: str) -> set[str]:
    """What an interpreter has imported after these."""
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    return set(subprocess.check_output(command, cwd=ROOT, text=True, timeout=60).split())


def test_the_first_answer_waits_for_no_slow_import() -> None:
    assert imported_by("sidecar.__main__") & (SLOW | MEDIA) == set()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere libav lists the cameras")
def test_nothing_that_touches_pictures_is_imported_before_a_request_needs_it() -> None:
    assert imported_by("sidecar.app", "sidecar.logs") & MEDIA == set()


def libraries(sidecar: RunningSidecar) -> str:
    """The files that the process has mapped: its native libraries among them."""
    return Path(f"/proc/{sidecar.pid}/maps").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_sidecar_without_a_camera_needs_little_memory(sidecar_program: str | None, tmp_path: Path) -> None:
    with running_sidecar(sidecar_command(sidecar_program), tmp_path / "temporary") as sidecar:
        sidecar.call(1, "initialize")
        sidecar.call(2, "get_available_cameras")
        sidecar.call(3, "get_stats")
        for name in ("libav", "cv2", "numpy", "cryptography"):
            assert name not in libraries(sidecar)
        assert psutil.Process(sidecar.pid).memory_info().rss <= IDLE_MEGABYTES * 1024 * 1024


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
