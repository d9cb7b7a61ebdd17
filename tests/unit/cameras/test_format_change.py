"""When a camera has to be opened again for another format, and what a camera with one format refuses."""

from __future__ import annotations

import pytest

from sidecar.cameras.device import Format, RequestedFormat
from sidecar.cameras.format_change import check_fixed, limited_fps, needs_reopening
from sidecar.cameras.wanted_format import WantedFormat
from sidecar.contract.errors import FormatNotSupportedError

OPENED = Format(1280, 720, 30.0, "mjpeg")


def offered(width: int, height: int, fps: float) -> Format:
    return Format(width, height, fps, "yuyv422")


@pytest.mark.parametrize(
    ("nearest", "fps", "reopens"),
    [
        (offered(1280, 720, 30.0), 30, False),
        (offered(1280, 721, 30.0), 30, False),  # a frame has even sides
        (offered(1280, 720, 29.97), 30, False),
        (offered(1280, 720, 15.0), 15, False),
        (offered(1280, 720, 60.0), 60, True),
        (offered(1280, 720, 60.0), 20, False),
        (offered(1280, 720, 30.0), 60, False),  # the camera is not faster
        (offered(640, 480, 30.0), 30, True),
        (offered(720, 1280, 30.0), 30, True),
        (None, 30, False),
        (None, 31, True),
        (None, None, False),
        (offered(1280, 720, 60.0), None, False),
    ],
)
def test_a_camera_is_opened_again_for_another_size_or_a_higher_rate_that_it_offers(
    nearest: Format | None, fps: float | None, reopens: bool
) -> None:
    assert needs_reopening(OPENED, nearest, RequestedFormat(1280, 720, fps)) is reopens


def test_a_camera_whose_formats_are_unknown_is_opened_again_for_another_size() -> None:
    assert needs_reopening(OPENED, None, RequestedFormat(640, 480))


@pytest.mark.parametrize(("limit", "fps"), [(None, None), (15, 15), (29.9, None), (30, None), (60, None)])
def test_only_a_limit_below_the_camera_s_rate_leaves_frames_out(limit: float | None, fps: float | None) -> None:
    assert limited_fps(OPENED, limit) == fps


@pytest.mark.parametrize(
    "wanted",
    [
        RequestedFormat(),
        RequestedFormat(1280),
        RequestedFormat(None, 720),
        RequestedFormat(1280, 720, 29.97),
        RequestedFormat(fps=30.2),
    ],
)
def test_a_camera_with_one_format_takes_requests_for_it(wanted: RequestedFormat) -> None:
    check_fixed("a file", OPENED, wanted)


@pytest.mark.parametrize(
    "wanted", [RequestedFormat(640), RequestedFormat(None, 480), RequestedFormat(1280, 721), RequestedFormat(fps=25)]
)
def test_and_refuses_all_others_with_the_format_that_it_has(wanted: RequestedFormat) -> None:
    with pytest.raises(FormatNotSupportedError, match="1280x720 at 30") as refused:
        check_fixed("a file", OPENED, wanted)
    assert refused.value.details == {"width": 1280, "height": 720, "fps": 30.0}


def test_what_a_request_leaves_open_stays_and_a_missing_side_is_completed() -> None:
    first = WantedFormat.of(OPENED, rate=None)
    assert first.changed(RequestedFormat()).opening == RequestedFormat(1280, 720)
    second = first.changed(RequestedFormat(fps=15))
    assert second == WantedFormat(RequestedFormat(1280, 720, 15), rate=15, limit=15)
    assert second.changed(RequestedFormat(640)).opening == RequestedFormat(640, 360, 15)
    assert second.changed(RequestedFormat(None, 480, 60)) == WantedFormat(RequestedFormat(853, 480, 60), 60, 60)
