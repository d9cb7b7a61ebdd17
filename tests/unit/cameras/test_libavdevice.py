"""The cameras of macOS and Windows, as libavdevice lists and logs them."""

from __future__ import annotations

from sidecar.cameras.device import Format
from sidecar.cameras.libavdevice import VideoInput
from sidecar.cameras.macos.avfoundation import devices, modes
from sidecar.cameras.windows.dshow import formats_in_log

DSHOW_LOG = """DirectShow video device options (from video devices)
 Pin "Capture" (alternative pin name "0")
  pixel_format=yuyv422  min s=640x480 fps=5 max s=640x480 fps=30
  pixel_format=yuyv422  min s=640x480 fps=5 max s=640x480 fps=30 (tv, bt470bg/bt709/unknown, topleft)
  vcodec=mjpeg  min s=1280x720 fps=15 max s=1280x720 fps=60.0002
  unknown compression type 0x34363248  min s=1x1 fps=1 max s=1x1 fps=1
"""

AVFOUNDATION_LOG = (
    "Selected framerate (30.000000) is not supported by the device.\n",
    "Supported modes:\n",
    "  1280x720@[15.000000 30.000000]fps\n",
    "  1920x1080@[60.000240 60.000240]fps\n",
)


def test_equal_cameras_of_macos_get_different_ids_and_screens_are_left_out() -> None:
    names = ["FaceTime HD Camera", "USB Camera", "USB Camera", "Capture screen 0"]
    found = devices([VideoInput(str(index), name) for index, name in enumerate(names)])
    assert [device.device_id for device in found] == [
        "avfoundation:FaceTime HD Camera",
        "avfoundation:USB Camera",
        "avfoundation:USB Camera#2",
    ]
    assert [device.address for device in found] == ["0", "1", "2"]


def test_the_formats_of_windows_are_read_from_the_log() -> None:
    assert formats_in_log(DSHOW_LOG.splitlines()) == (
        Format(640, 480, 30.0, "yuyv422"),
        Format(1280, 720, 60.0, "mjpeg"),
    )


def test_the_modes_of_macos_are_read_from_the_log_at_the_nearest_rate() -> None:
    assert modes(AVFOUNDATION_LOG, rate=30) == (
        Format(1280, 720, 30.0, "nv12"),
        Format(1920, 1080, 60.00024, "nv12"),
    )


def test_a_log_without_modes_has_none() -> None:
    assert modes(["Video device not found"], rate=30) == ()
