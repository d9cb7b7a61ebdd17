"""Which file: and rtsp: sources the command line's patterns allow."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sidecar.cameras.sources.allowed import AllowedSources
from sidecar.contract.errors import SourceNotAllowedError


def allowed(pattern: str, source: str) -> bool:
    try:
        AllowedSources([pattern]).check(source)
    except SourceNotAllowedError:
        return False
    return True


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    folder = tmp_path / "videos"
    (folder / "deep").mkdir(parents=True)
    (tmp_path / "secret.mp4").touch()
    for name in ("a.mp4", "deep/b.mp4"):
        (folder / name).touch()
    return folder


def test_nothing_is_allowed_without_a_pattern(videos: Path) -> None:
    for source in (f"file:{videos}/a.mp4", "rtsp://10.0.0.1/stream"):
        with pytest.raises(SourceNotAllowedError) as caught:
            AllowedSources([]).check(source)
        assert "--allow-source" in caught.value.hint


@pytest.mark.parametrize("name", ["a.mp4", "deep/b.mp4", "deep/../a.mp4", "./a.mp4", "not there.mp4"])
def test_a_pattern_with_a_star_allows_all_below_it(videos: Path, name: str) -> None:
    assert allowed(f"file:{videos}/*", f"file:{videos}/{name}")
    assert allowed(f"file:{videos}/*", f"file://{videos}/{name}")


@pytest.mark.parametrize("name", ["../secret.mp4", "deep/../../secret.mp4", "x/../../secret.mp4", "..", "a.mp4\0.txt"])
def test_dots_do_not_lead_out(videos: Path, name: str) -> None:
    assert not allowed(f"file:{videos}/*", f"file:{videos}/{name}")


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege on Windows")
def test_symbolic_links_count_as_what_they_lead_to(videos: Path) -> None:
    (videos / "out.mp4").symlink_to(videos.parent / "secret.mp4")
    (videos.parent / "link").symlink_to(videos)
    assert not allowed(f"file:{videos}/*", f"file:{videos}/out.mp4")
    assert allowed(f"file:{videos.parent}/link/*", f"file:{videos.parent}/link/a.mp4")
    assert allowed(f"file:{videos.parent}/link/*", f"file:{videos}/a.mp4")
    assert not allowed(f"file:{videos}/*", f"file:{videos.parent}/link/a.mp4")


def test_a_single_file_can_be_allowed(videos: Path) -> None:
    assert allowed(f"file:{videos}/a.mp4", f"file:{videos}/a.mp4")
    assert not allowed(f"file:{videos}/a.mp4", f"file:{videos}/a.mp4.bak")
    assert not allowed(f"file:{videos}/a.mp4", f"file:{videos}/deep/b.mp4")


@pytest.mark.parametrize(
    ("pattern", "source"),
    [
        ("rtsp://10.0.0.*", "rtsp://10.0.0.7:554/stream?channel=1"),
        ("rtsp://10.0.0.*", "rtsp://user:secret@10.0.0.7/stream"),
        ("rtsp://camera.local/*", "rtsp://CAMERA.local/stream"),
        ("RTSP://Camera.local/*", "rtsp://camera.local/Stream"),
        ("rtsp://[[]fd00::1]*", "rtsp://[fd00::1]:8554/stream"),
        ("rtsp://*", "rtsp://anything/at/all"),
    ],
)
def test_rtsp_sources_are_allowed_by_host_and_path(pattern: str, source: str) -> None:
    assert allowed(pattern, source)


@pytest.mark.parametrize(
    ("pattern", "source"),
    [
        pytest.param("rtsp://10.0.0.*", "rtsp://10.0.0.7@evil.example/", id="address as user name"),
        pytest.param("rtsp://10.0.0.*", "rtsp://10.0.0.7.evil.example/", id="address as part of a name"),
        pytest.param("rtsp://10.0.0.*", "rtsp://evil.example/?rtsp://10.0.0.7", id="address in the query"),
        pytest.param("rtsp://10.0.0.*", "rtsp://10.0.0.7\\@evil.example/", id="backslash"),
        pytest.param("rtsp://10.0.0.*", "rtsp://10.0.0.7/ evil", id="space"),
        pytest.param("rtsp://10.0.0.*", "rtsp:10.0.0.7", id="no host"),
        pytest.param("rtsp://10.0.0.*", "rtsp://10.0.0.7:port/", id="port that is none"),
        pytest.param("rtsp://h/public/*", "rtsp://h/public/../private", id="dots"),
        pytest.param("rtsp://h/public/*", "rtsp://h/public/%2E%2e/private", id="escaped dots"),
        pytest.param("rtsp://h/*", "rtsp://h:8554/stream", id="another port"),
        pytest.param("file:*", "rtsp://h/stream", id="another kind"),
        pytest.param("rtsp://*", "rtsp://[::1", id="half an address"),
    ],
)
def test_rtsp_sources_that_only_look_allowed_are_not(pattern: str, source: str) -> None:
    assert not allowed(pattern, source)
