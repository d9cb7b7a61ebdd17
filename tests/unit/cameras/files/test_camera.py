"""Playing file: sources."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sidecar.cameras.camera import Camera
from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import RequestedFormat
from sidecar.contract.errors import (
    CameraFailedError,
    CameraNotFoundError,
    CameraPermissionDeniedError,
    SourceNotAllowedError,
)
from tests.support.videos import write_video


def opened(path: Path) -> Camera:
    catalogue = Catalogue([f"file:{path.parent}/*"])
    return catalogue.open(catalogue.resolve(f"file:{path}"), RequestedFormat())


def greys(camera: Camera, count: int) -> list[int]:
    """Return the mean luma of `count` frames, to the nearest twenty."""
    return [round(float(camera.read().planes[0].mean()) / 20) for _ in range(count)]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("video.mp4", "mpeg4"), ("video.mkv", "mpeg4"), ("video.avi", "mpeg4"), ("video.ts", "libx264")],
)
def test_a_file_is_played_in_a_loop(tmp_path: Path, name: str, codec: str) -> None:
    camera = opened(write_video(tmp_path / name, count=4, fps=60, codec=codec))
    try:
        shown = greys(camera, 9)
    finally:
        camera.close()
    first, *_ = shown
    assert shown == [first, first + 1, first + 2, first + 3] * 2 + [first]


def test_a_file_plays_at_its_own_pace_across_the_loop(tmp_path: Path) -> None:
    camera = opened(write_video(tmp_path / "video.mp4", count=5, fps=50))
    try:
        times = [camera.read().captured_at for _ in range(16)]
    finally:
        camera.close()
    assert camera.format.fps == 50
    assert 0.29 <= times[-1] - times[0] < 3


def test_the_format_in_force_is_the_file_s(tmp_path: Path) -> None:
    camera = opened(write_video(tmp_path / "video.mp4", size=(80, 60), fps=24))
    frame = camera.read()
    camera.close()
    assert (camera.format.width, camera.format.height, camera.format.fps) == (80, 60, 24.0)
    assert (frame.width, frame.height, frame.pixel_format, frame.color_range) == (80, 60, "yuv420p", "pc")


def test_odd_sizes_lose_a_row_and_a_column(tmp_path: Path) -> None:
    camera = opened(write_video(tmp_path / "video.mkv", size=(65, 49), codec="ffv1"))
    frame = camera.read()
    camera.close()
    assert (frame.width, frame.height) == (64, 48) == (camera.format.width, camera.format.height)
    assert [plane.shape for plane in frame.planes] == [(48, 64), (24, 32), (24, 32)]


def test_mjpeg_stays_as_it_is_with_its_full_range(tmp_path: Path) -> None:
    camera = opened(write_video(tmp_path / "video.avi", codec="mjpeg", pixel_format="yuvj422p"))
    frame = camera.read()
    camera.close()
    assert (frame.pixel_format, frame.color_range) == ("yuv422p", "pc")
    assert [plane.shape for plane in frame.planes] == [(48, 64), (48, 32), (48, 32)]


def test_rare_pixel_formats_are_converted(tmp_path: Path) -> None:
    camera = opened(write_video(tmp_path / "video.mkv", codec="ffv1", pixel_format="yuv444p"))
    frame = camera.read()
    camera.close()
    assert frame.pixel_format == "yuv420p"


def test_frames_stay_good_after_the_camera_is_closed(tmp_path: Path) -> None:
    camera = opened(write_video(tmp_path / "video.mp4"))
    frame = camera.read()
    before = np.array(frame.planes[0])
    camera.close()
    assert (frame.planes[0] == before).all()


def test_closing_ends_a_read_that_waits_for_its_time(tmp_path: Path) -> None:
    camera = opened(write_video(tmp_path / "video.mp4", fps=1))
    camera.read()
    failures: list[CameraFailedError] = []

    def read_on() -> None:
        try:
            for _ in itertools.count():
                camera.read()
        except CameraFailedError as error:
            failures.append(error)

    reader = threading.Thread(target=read_on)
    reader.start()
    camera.close()
    reader.join(10)
    assert len(failures) == 1


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(CameraNotFoundError) as caught:
        opened(tmp_path / "missing.mp4")
    assert str(tmp_path) not in caught.value.message


@pytest.mark.parametrize("content", [b"", b"no video at all " * 100])
def test_a_file_that_is_no_video_fails(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "text.mp4"
    path.write_bytes(content)
    with pytest.raises(CameraFailedError):
        opened(path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")
def test_a_file_that_may_not_be_read_is_forbidden(tmp_path: Path) -> None:
    path = write_video(tmp_path / "video.mp4")
    path.chmod(0)
    with without_root(), pytest.raises(CameraPermissionDeniedError):
        opened(path)


@contextlib.contextmanager
def without_root() -> Iterator[None]:
    """Run as an unprivileged user for the time of the test, because root may read any file."""
    if sys.platform == "win32" or os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_play_list_cannot_lead_to_another_file_or_server(tmp_path: Path) -> None:
    secret = write_video(tmp_path / "secret.ts")
    folder = tmp_path / "allowed"
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/video.ts"
        for name, text in {
            "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
            "list.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n",
            "list.ffconcat": f"ffconcat version 1.0\nfile {secret}\n",
        }.items():
            (folder / name).write_text(text)
            with pytest.raises(CameraFailedError):
                opened(folder / name)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_link_that_leads_elsewhere_since_it_was_resolved_is_refused(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("symbolic links need a privilege on Windows")
    secret = write_video(tmp_path / "secret.mp4")
    folder = tmp_path / "allowed"
    folder.mkdir()
    video = write_video(folder / "video.mp4")
    catalogue = Catalogue([f"file:{folder}/*"])
    device = catalogue.resolve(f"file:{video}")
    video.unlink()
    video.symlink_to(secret)
    with pytest.raises(SourceNotAllowedError):
        catalogue.open(device, RequestedFormat())
