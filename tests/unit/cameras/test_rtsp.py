"""rtsp: sources, from a small server on loopback."""

from __future__ import annotations

import socket

import pytest

from sidecar.cameras import media
from sidecar.cameras.camera import Camera
from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import RequestedFormat
from sidecar.contract.errors import CameraFailedError
from tests.support.rtsp_server import SIZE, RtspServer


def opened(url: str) -> Camera:
    catalogue = Catalogue(["rtsp://127.0.0.1:*"])
    return catalogue.open(catalogue.resolve(url), RequestedFormat())


def test_pictures_come_from_a_network_camera_over_tcp() -> None:
    with RtspServer(count=4, hangs_up=True) as server:
        camera = opened(server.url)
        greys = [round(float(camera.read().planes[0].mean()) / 20) for _ in range(3)]
        with pytest.raises(CameraFailedError) as caught:
            for _ in range(3):
                camera.read()
        camera.close()
    assert greys == [1, 3, 4]  # 40, 60 and 80 of limited range are 28, 51 and 75 of full range
    assert (camera.format.width, camera.format.height, camera.format.pixel_format) == (*SIZE, "h264")
    assert server.requests[:4] == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]
    assert "network" in caught.value.hint


def test_a_network_camera_that_falls_silent_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "READ_TIMEOUT", 0.3)
    with RtspServer(count=30) as server:
        camera = opened(server.url)
        with pytest.raises(CameraFailedError):
            for _ in range(31):
                camera.read()
        camera.close()


def test_a_server_that_never_answers_does_not_hold_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "OPEN_TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(CameraFailedError) as caught:
        opened(f"rtsp://user:secret@127.0.0.1:{silent.getsockname()[1]}/stream")
    assert "secret" not in caught.value.message + caught.value.hint


def test_a_port_that_nobody_listens_on_fails_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(CameraFailedError):
        opened(f"rtsp://127.0.0.1:{port}/stream")
