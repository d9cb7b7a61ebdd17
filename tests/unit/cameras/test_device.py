"""The choice of a format."""

from __future__ import annotations

import pytest

from sidecar.cameras.device import Format, RequestedFormat, nearest_format

WEBCAM = (
    Format(640, 480, 30.0, "yuyv422"),
    Format(1280, 720, 10.0, "yuyv422"),
    Format(640, 480, 30.0, "mjpeg"),
    Format(1280, 720, 30.0, "mjpeg"),
    Format(1920, 1080, 30.0, "mjpeg"),
    Format(1280, 720, 30.0, "h264"),
)


@pytest.mark.parametrize(
    ("requested", "chosen"),
    [
        pytest.param(RequestedFormat(), Format(1280, 720, 30.0, "mjpeg"), id="nothing asked for: 720p30"),
        pytest.param(
            RequestedFormat(640, 480, 30), Format(640, 480, 30.0, "yuyv422"), id="uncompressed where it will do"
        ),
        pytest.param(
            RequestedFormat(1280, 720, 10), Format(1280, 720, 10.0, "yuyv422"), id="uncompressed when slow will do"
        ),
        pytest.param(RequestedFormat(1280, 720, 30), Format(1280, 720, 30.0, "mjpeg"), id="MJPEG for the rate"),
        pytest.param(RequestedFormat(800, 600, 30), Format(1280, 720, 30.0, "mjpeg"), id="the next larger size"),
        pytest.param(
            RequestedFormat(3840, 2160, 30), Format(1920, 1080, 30.0, "mjpeg"), id="the largest when none is enough"
        ),
        pytest.param(
            RequestedFormat(640, 480, 60), Format(640, 480, 30.0, "yuyv422"), id="the fastest when none is enough"
        ),
        pytest.param(RequestedFormat(width=1920), Format(1920, 1080, 30.0, "mjpeg"), id="one side alone means 16:9"),
        pytest.param(
            RequestedFormat(height=480), Format(1280, 720, 30.0, "mjpeg"), id="853x480 needs more than 640x480"
        ),
    ],
)
def test_the_nearest_format_is_chosen(requested: RequestedFormat, chosen: Format) -> None:
    assert nearest_format(WEBCAM, requested) == chosen


def test_a_rate_of_29_97_counts_as_30() -> None:
    ntsc = Format(1280, 720, 29.97, "yuyv422")
    assert nearest_format([ntsc, Format(1920, 1080, 30.0, "yuyv422")], RequestedFormat(1280, 720, 30)) == ntsc


def test_a_camera_that_tells_no_formats_leaves_no_choice() -> None:
    assert nearest_format([], RequestedFormat()) is None
