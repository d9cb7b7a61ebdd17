"""The properties of the camera machine that its tests rely on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


def v4l2_ctl(*arguments: str) -> str:
    return subprocess.run(["v4l2-ctl", *arguments], capture_output=True, text=True, check=True).stdout


def test_there_are_two_cameras() -> None:
    assert sorted(str(path) for path in Path("/dev").glob("video*")) == ["/dev/video0", "/dev/video1"]


@pytest.mark.parametrize("device", ["/dev/video0", "/dev/video1"])
def test_a_camera_is_a_webcam_with_yuyv_at_320x180(device: str) -> None:
    assert "Webcam" in v4l2_ctl("--device", device, "--get-input")
    assert "Size: Discrete 320x180" in v4l2_ctl("--device", device, "--list-framesizes", "YUYV")


@pytest.mark.parametrize("device", ["/dev/video0", "/dev/video1"])
def test_a_camera_can_be_disconnected(device: str) -> None:
    """The driver connects it again when its last user closes it: a test leaves no dead camera behind."""
    assert "disconnect" in v4l2_ctl("--device", device, "--list-ctrls")


def test_the_guest_has_no_network_but_its_loopback() -> None:
    assert [path.name for path in Path("/sys/class/net").iterdir()] == ["lo"]
