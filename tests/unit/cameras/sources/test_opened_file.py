"""Opening a file as it was checked."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path

import pytest

from sidecar.cameras.sources.allowed import AllowedSources
from sidecar.cameras.sources.file_path import FileSource
from sidecar.cameras.sources.opened_file import open_checked
from sidecar.contract.errors import CameraFailedError, CameraNotFoundError, SourceNotAllowedError


@pytest.fixture
def source(tmp_path: Path) -> FileSource:
    """A checked file in an allowed folder; the folder "secret" is beside the allowed one."""
    folder = tmp_path / "allowed" / "deep"
    folder.mkdir(parents=True)
    (folder / "video.mp4").write_bytes(b"allowed")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "video.mp4").write_bytes(b"secret")
    return AllowedSources([f"file:{tmp_path}/allowed/*"]).check_file(f"file:{folder}/video.mp4")


def test_a_file_is_read_under_its_name_without_folders(source: FileSource) -> None:
    with open_checked(source) as file:
        assert (file.read(), file.name, file.seekable()) == (b"allowed", "video.mp4", True)
        assert file.seek(-1, os.SEEK_SET) == -errno.EINVAL
        assert file.seek(0) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege on Windows")
@pytest.mark.parametrize("place", ["allowed/deep/video.mp4", "allowed/deep", "allowed"])
def test_a_link_that_has_taken_a_place_on_the_path_is_not_followed(
    place: str, source: FileSource, tmp_path: Path
) -> None:
    replaced = tmp_path / place
    replaced.rename(tmp_path / "moved")
    target = {"video.mp4": "secret/video.mp4", "deep": "secret", "allowed": "other"}[replaced.name]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "deep").symlink_to(tmp_path / "secret")
    replaced.symlink_to(tmp_path / target)
    assert Path(source.path).read_bytes() == b"secret"
    with pytest.raises(SourceNotAllowedError):
        open_checked(source)


@pytest.mark.skipif(sys.platform == "win32", reason="only POSIX swaps a file between two calls")
def test_a_file_that_is_swapped_between_the_look_and_the_opening_is_not_read(
    source: FileSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = os.stat

    def swap(*arguments: object, **options: object) -> os.stat_result:
        found = look(*arguments, **options)  # type: ignore[arg-type]
        (tmp_path / "secret" / "video.mp4").replace(source.path)
        return found

    monkeypatch.setattr(os, "stat", swap)
    with pytest.raises(SourceNotAllowedError):
        open_checked(source)


def test_missing_files_and_devices_are_errors(source: FileSource, tmp_path: Path) -> None:
    Path(source.path).unlink()
    with pytest.raises(CameraNotFoundError):
        open_checked(source)
    Path(source.path).mkdir()
    with pytest.raises((CameraFailedError, SourceNotAllowedError)):
        open_checked(source)


def test_devices_and_sockets_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("devices and sockets are no files there")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        for path in (os.path.realpath("socket"), "/dev/null", "/dev/tty"):
            with pytest.raises((CameraFailedError, CameraNotFoundError)):
                open_checked(FileSource(path))


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors are counted in /proc")
def test_an_opening_leaves_no_descriptor_behind(source: FileSource) -> None:
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("descriptors are counted in /proc")
    before = len(list(folder.iterdir()))
    open_checked(source).close()
    for path in (f"{source.path}/x", "/dev/null", "/no/such/file"):
        with pytest.raises((CameraFailedError, CameraNotFoundError, SourceNotAllowedError)):
            open_checked(FileSource(path))
    assert len(list(folder.iterdir())) == before
