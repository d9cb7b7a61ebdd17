"""Sources of the running process: the allowed and the refused ones, and the secrets in their URLs."""

from __future__ import annotations

import json
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.checked_call import call
from tests.support.rtsp_server import RtspServer
from tests.support.sidecar_process import RawProcess, raw_process, sidecar_command
from tests.support.videos import write_video

PASSWORD = "p@ss^{w|rd}"
SECRETS = ("bobby", PASSWORD, "ss^{w", "p%40ss", "adminuser", "w0rd", "topsecret", "query-secret", "forged line")


@pytest.fixture
def camera() -> Iterator[RtspServer]:
    with RtspServer(count=4) as server:
        yield server


class Recorder(RawProcess):
    """Keeps every line of standard output."""

    def __init__(self, argv: list[str]) -> None:
        self.said: list[Any] = []
        super().__init__(argv)

    def receive(self, timeout: float = 20.0) -> Any:
        message = super().receive(timeout)
        self.said.append(message)
        return message


def test_no_part_of_a_secret_leaves_the_process(
    sidecar_program: str | None, camera: RtspServer, tmp_path: Path
) -> None:
    place, log_file = f"127.0.0.1:{camera.port}", tmp_path / "sidecar.log"
    options = ["--log-level", "debug", "--log-notifications", "--log-file", str(log_file)]
    options += ["--allow-source", f"rtsp://bobby:{PASSWORD}@{place}/named?channel=1&key=query-secret"]
    options += ["--allow-source", "rtsp://127.0.0.1:*", "--allow-source", "rtsp://localhost:*"]
    process = Recorder(sidecar_command(sidecar_program, *options))
    try:
        listed = call(process, 1, "get_available_cameras")["result"]["cameras"]
        (named,) = [one["device_id"] for one in listed if one["kind"] == "rtsp"]
        assert named == f"rtsp://{place}/named?channel=1&***"
        first = call(process, 2, "start_streaming", device_id=named)["result"]
        assert first["device_id"] == named
        call(process, 3, "stop_streaming", session_id=first["session_id"])
        given = f"rtsp://adminuser:p@ssw0rd@{place}/given?user=a&password=topsecret"
        session = call(process, 4, "start_camera_local_session", device_id=given)["result"]
        assert session["device_id"] == f"rtsp://{place}/given?***"
        again = call(process, 5, "start_streaming", device_id=session["device_id"])["result"]
        assert again["device_id"] == session["device_id"]
        stats = call(process, 6, "get_stats")["result"]
        assert [one["device_id"] for one in stats["cameras"]] == [session["device_id"]]
        for number, wrong in enumerate(
            (
                f"rtsp://adminuser:top/secret/w0rd@{place}/x",
                "rtsp://adminuser:p@ssw0rd@10.0.0.1/x?password=topsecret",
                f"rtsp://adminuser:p@ssw0rd@localhost:{closed_port()}/x?password=topsecret",
                "http://adminuser:p@ssw0rd@10.0.0.1/x",
                " RTSP://adminuser:p@ssw0rd@10.0.0.1/x",
                f"rtsp://{place}/x\n2026-01-01T00:00:00.000Z ERROR sidecar: forged line\x1b[2J",
                "camera-0\n2026-01-01T00:00:00.000Z ERROR sidecar: forged line",
            ),
            10,
        ):
            assert "error" in call(process, number, "start_streaming", device_id=wrong)
        call(process, 30, "shutdown")
        process.wait()
        process.said += process.pending()
    finally:
        process.close()
    said = {"wire": json.dumps(process.said), "stderr": process.stderr.decode(), "file": log_file.read_text("utf-8")}
    assert {name: [secret for secret in SECRETS if secret in text] for name, text in said.items()} == {
        name: [] for name in said
    }
    if sys.platform != "win32":
        assert stat.S_IMODE(log_file.stat().st_mode) == 0o600


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port: int = closed.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("device_id", "hint"),
    [
        ("rtsp://admin:a#b@127.0.0.1/x", "%23"),
        ("https://127.0.0.1/x", "Only file: and rtsp:"),
        ("rtsps://127.0.0.1/x", "Only file: and rtsp:"),
        ("file:\\\\server\\share\\x", "--allow-source"),
        ("rtsp://127.0.0.1/x", "--allow-source"),
        ("file:/videos/a\nb.mp4", "control characters"),
        ("rtsp://127.0.0.1/" + "x" * 2000, "--allow-source"),
    ],
)
def test_a_source_that_is_refused_gets_a_hint(device_id: str, hint: str, raw_sidecar: RawProcess) -> None:
    for number, method in enumerate(("start_streaming", "request_camera_permission", "start_camera_webrtc_session")):
        error = call(raw_sidecar, number, method, device_id=device_id)["error"]
        assert (error["code"], error["data"]["kind"]) == (1005, "source_not_allowed")
        assert hint in error["data"]["hint"]


def test_a_source_that_is_too_long_is_an_invalid_parameter(raw_sidecar: RawProcess) -> None:
    for device_id in ("rtsp://127.0.0.1/" + "x" * 2048, "file:/x\ud800"):
        assert call(raw_sidecar, 1, "start_streaming", device_id=device_id)["error"]["code"] == -32602


def test_a_file_that_becomes_a_link_while_it_plays_ends_and_does_not_show_its_target(
    sidecar_program: str | None, tmp_path: Path
) -> None:
    if sys.platform == "win32":
        pytest.skip("symbolic links need a privilege on Windows")
    folder = tmp_path / "allowed"
    folder.mkdir()
    video = write_video(folder / "video.mp4", count=3, fps=30)
    secret = write_video(tmp_path / "secret.mp4", size=(128, 96), count=3, fps=30)
    with raw_process(sidecar_command(sidecar_program, "--allow-source", f"file:{folder}/*")) as process:
        call(process, 1, "start_streaming", device_id=f"file:{video}")
        (folder / "link").symlink_to(secret)
        (folder / "link").replace(video)
        states = []
        while "failed" not in states:
            states.append(process.receive_notification("camera_state")["params"]["state"])
        assert states.count("streaming") <= 1
        error = call(process, 2, "start_streaming", device_id=f"file:{video}")["error"]
    assert error["data"]["kind"] == "source_not_allowed"
