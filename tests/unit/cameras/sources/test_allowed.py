"""The file: and rtsp: sources that the patterns of the command line allow."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from sidecar.cameras.sources.allowed import AllowedSources
from sidecar.cameras.sources.display import next_id
from sidecar.contract.errors import CameraFailedError, SourceNotAllowedError
from tests.support.checked_source import check


def allowed(pattern: str, source: str) -> bool:
    try:
        check(AllowedSources([pattern]), source)
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


def test_no_source_is_allowed_without_a_pattern(videos: Path) -> None:
    for source in (f"file:{videos}/a.mp4", "rtsp://10.0.0.1/stream"):
        with pytest.raises(SourceNotAllowedError) as caught:
            check(AllowedSources([]), source)
        assert "--allow-source" in caught.value.hint


@pytest.mark.parametrize("name", ["a.mp4", "deep/b.mp4", "deep/../a.mp4", "./a.mp4", "not there.mp4"])
def test_a_pattern_with_a_star_allows_all_below_it(videos: Path, name: str) -> None:
    assert allowed(f"file:{videos}/*", f"file:{videos}/{name}")
    assert allowed(f"file:{videos}/*", f"file://{videos}/{name}")


@pytest.mark.parametrize("name", ["../secret.mp4", "deep/../../secret.mp4", "x/../../secret.mp4", "..", "a.mp4\0.txt"])
def test_dots_do_not_lead_out(videos: Path, name: str) -> None:
    assert not allowed(f"file:{videos}/*", f"file:{videos}/{name}")


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege on Windows")
def test_symbolic_links_count_as_their_targets(videos: Path) -> None:
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
        ("rtsp://127.0.0.1:*", "rtsp://127.0.0.1:41234/stream?x=1"),
        ("rtsp://*.cams.example:554/*", "rtsp://a.b.cams.example/x/y?z"),
        ("rtsp://10.0.0.7", "rtsp://10.0.0.7:554"),
        ("rtsp://10.0.0.7:85*/x", "rtsp://10.0.0.7:8554/x"),
        ("rtsp://[::ffff:10.0.0.7]/x", "rtsp://10.0.0.7/x"),
        ("rtsp://10.0.0.*", "rtsp://[::ffff:10.0.0.7]/x"),
        ("rtsp://cam/A%41*", "rtsp://cam/AAx"),
        ("rtsp://cam/x?transport=udp", "rtsp://cam/x"),
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
        pytest.param("rtsp://10.0.0.*", "rtsp://10.0.0.7:22/", id="another port than 554"),
        pytest.param("rtsp://10.0.0.7*", "rtsp://10.0.0.7:8554/", id="a port behind a wildcard"),
        pytest.param("rtsp://*.cams.example:554/*", "rtsp://evil.example/.cams.example:554/x", id="host in the path"),
        pytest.param("rtsp://*.cams.example:554/*", "rtsp://evil.example?.cams.example:554/x", id="host in the query"),
        pytest.param("rtsp://*.cams.example/*", "rtsp://x.cams.example.evil.example/", id="host as part of a name"),
        pytest.param("rtsp://192.168.*:554/*", "rtsp://192.168.0.1:22/x:554/", id="port in the path"),
        pytest.param("rtsp://192.168.*/*", "rtsp://192.168.evil.example/", id="name for figures"),
        pytest.param("rtsp://*/public/*", "rtsp://evil/private/public/x", id="path in a path"),
        pytest.param("rtsp://h/public/*", "rtsp://h/public/..%2fprivate", id="escaped slash"),
        pytest.param("rtsp://h/public/*", "rtsp://h/public/%252e%252e/private", id="dots escaped twice"),
        pytest.param("rtsp://h/public/*", "rtsp://h/public/..;/private", id="dots with a parameter"),
        pytest.param("rtsp://h/public/*", "rtsp://h/public/..%5cprivate", id="escaped backslash"),
        pytest.param("rtsp://h/x?a=*", "rtsp://h/x", id="no query"),
        pytest.param("rtsp://h/x", "rtsp://h/x?a=1", id="a query more"),
        pytest.param("rtsp://127.*:*", "rtsp://0x7f.1:554/", id="figures in another notation"),
        pytest.param("rtsp://127.*:*", "rtsp://2130706433/", id="an address as one number"),
        pytest.param("rtsp://[fd00::*]/*", "rtsp://fd00/", id="name for IPv6"),
        pytest.param("rtsp://cam/a[12]", "rtsp://cam/a1", id="brackets are no set"),
        pytest.param("file:*", "rtsp://h/stream", id="another kind"),
        pytest.param("rtsp://*", "rtsp://[::1", id="half an address"),
    ],
)
def test_rtsp_sources_that_only_look_allowed_are_not(pattern: str, source: str) -> None:
    assert not allowed(pattern, source)


@pytest.mark.parametrize(
    "source",
    [
        "rtsp://[::1]:8554/x",
        "rtsp://cam/a[1]b",
        "rtsp://cam/a]b",
        "rtsp://cam/x?channel=1&subtype=0",
        "rtsp://cam",
        "rtsp://10.0.0.7:8554/{x}|y^z",
        "file:/videos/a b.mp4",
        "file:/videos/a[1].mp4",
        "file:/videos/100%.mp4",
        "file:/videos/a%20b.mp4",
        "file:/videos/\u00e9.mp4",
        "file:/videos/e\u0301.mp4",
        "file:/videos/#1;x=y&z.mp4",
    ],
)
def test_a_source_that_is_named_exactly_matches_itself_and_is_listed(source: str) -> None:
    sources = AllowedSources([source])
    assert sources.named == (source,)
    check(sources, source)


@pytest.mark.parametrize(
    ("pattern", "named"),
    [("rtsp://cam/a[*]b", "rtsp://cam/a*b"), ("file:/v/a[*].mp4", "file:/v/a*.mp4"), ("file:/v/a[?]", "file:/v/a?")],
)
def test_a_quoted_wildcard_stands_for_itself(pattern: str, named: str) -> None:
    sources = AllowedSources([pattern])
    assert len(sources.named) == 1
    check(sources, named)
    for other in (named.replace("*", "x").replace("?", "x"), named + "x"):
        with pytest.raises(SourceNotAllowedError):
            check(sources, other)


def test_a_source_that_is_named_with_a_login_opens_by_an_id_without_it() -> None:
    named = ["rtsp://bob:hunter2@cam/x", "rtsp://eve:hunter3@cam/x", "rtsp://cam/y?key=hunter4", "rtsp://cam/x"]
    sources = AllowedSources(named)
    assert sources.named == ("rtsp://cam/x#2", "rtsp://cam/x#3", "rtsp://cam/y?***", "rtsp://cam/x")
    assert AllowedSources(named).named == sources.named
    users = [sources.check_rtsp(device_id).user for device_id in sources.named]
    assert users == ["bob", "eve", None, None]
    assert sources.check_rtsp("rtsp://cam/y?***").query == "key=hunter4"
    assert sources.id_of(sources.check_rtsp(named[0])) == sources.named[0]


def test_a_login_of_the_page_does_not_take_the_id_of_a_listed_source() -> None:
    sources = AllowedSources(["rtsp://bob:hunter2@cam/x"])
    assert sources.id_of(sources.check_rtsp("rtsp://eve:guess@cam/x")) == "rtsp://cam/x#2"
    assert sources.check_rtsp("rtsp://cam/x").user == "bob"
    assert next_id("rtsp://cam/x#2") == "rtsp://cam/x#3"


def test_the_hint_names_the_port_when_only_that_is_missing() -> None:
    with pytest.raises(SourceNotAllowedError) as caught:
        check(AllowedSources(["rtsp://10.0.0.*"]), "rtsp://10.0.0.7:8554/x")
    assert "port" in caught.value.hint


@pytest.mark.parametrize("location", ["rtsp://cam:8555/x", "rtsp://other/x", "/private/x", "//evil/x", "http://cam/x"])
def test_a_redirect_that_no_pattern_allows_is_refused(location: str) -> None:
    sources = AllowedSources(["rtsp://cam:8554/public/*"])
    source = sources.check_rtsp("rtsp://bob:hunter2@cam:8554/public/x?key=topsecret")
    with pytest.raises(SourceNotAllowedError) as caught:
        sources.check_redirect(source, location)
    assert not any(secret in caught.value.message + caught.value.hint for secret in ("hunter2", "topsecret", "bob"))


def test_a_redirect_that_a_pattern_allows_is_followed() -> None:
    sources = AllowedSources(["rtsp://cam:8554/public/*", "rtsp://other/*"])
    source = sources.check_rtsp("rtsp://bob:hunter2@cam:8554/public/x")
    assert sources.check_redirect(source, "y").user == "bob"
    assert sources.check_redirect(source, "rtsp://other/z") == sources.check_rtsp("rtsp://other/z")


@pytest.mark.parametrize(
    "source",
    [
        "file:/elsewhere/x.mp4",
        "file:/videos/../etc/passwd",
        "file:/proc/self/environ",
        "file:/dev/video0",
        "file:",
        "rtsp:",
        "file:/videos/a\nb",
        "file:/videos/\x1b[2J",
        "file:/videos/\ud800",
        "file:/videos/" + "x" * 2048,
        "rtsp://cam/x\r\n",
        "file:/videos/a\x00.mp4",
        " file:/videos/a.mp4",
        "file:/videos/\u2028",
        "file:/net/host/x",
    ],
)
@pytest.mark.parametrize("patterns", [[], ["file:/videos/*"]], ids=["no pattern", "another pattern"])
def test_a_source_is_refused_by_its_text_before_files_or_network_are_touched(
    patterns: list[str], source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = AllowedSources(patterns)
    wait_for_folders(sources)

    def touched(*_: object, **__: object) -> None:
        raise AssertionError("touched")

    with monkeypatch.context() as patched:
        for name in ("stat", "lstat", "readlink", "open", "scandir"):
            patched.setattr(os, name, touched)
        patched.setattr(os.path, "realpath", touched)
        patched.setattr(socket, "getaddrinfo", touched)
        with contextlib.suppress(SourceNotAllowedError):
            check(sources, source)
            raise AssertionError("it was allowed")


def wait_for_folders(sources: AllowedSources) -> None:
    """Wait until the threads have resolved the folders of the patterns."""
    with contextlib.suppress(SourceNotAllowedError):
        check(sources, "file:/not/allowed")


def test_spellings_of_one_file_are_one_source(videos: Path) -> None:
    (videos / "hard.mp4").hardlink_to(videos / "a.mp4")
    spellings = ["a.mp4", "./a.mp4", "deep/../a.mp4", "/a.mp4", "deep/..//./a.mp4", "hard.mp4"]
    if sys.platform != "win32":
        (videos / "link.mp4").symlink_to("a.mp4")
        (videos / "folder").symlink_to(".")
        spellings += ["link.mp4", "folder/a.mp4", "folder/folder/link.mp4"]
    sources = AllowedSources([f"file:{videos}/*"])
    texts = [
        f"{scheme}{videos}/{name}" for name in spellings for scheme in ("file:", "file://", "FILE:", "file://localhost")
    ]
    assert len({check(sources, text).key for text in texts}) == 1
    assert check(sources, f"file:{videos}/deep/b.mp4").key != check(sources, texts[0]).key


def test_a_folder_that_becomes_a_link_after_the_start_allows_no_other_file(videos: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("symbolic links need a privilege on Windows")
    sources = AllowedSources([f"file:{videos}/*"])
    wait_for_folders(sources)
    videos.rename(videos.parent / "moved")
    videos.symlink_to(videos.parent)
    with pytest.raises(SourceNotAllowedError):
        check(sources, f"file:{videos}/secret.mp4")


def test_a_folder_that_does_not_answer_delays_only_its_own_files(videos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()
    realpath = os.path.realpath

    def hangs_on_the_share(path: str) -> str:
        if path.startswith("/share"):
            let_go.wait(30)
        return realpath(path)

    monkeypatch.setattr(os.path, "realpath", hangs_on_the_share)
    sources = AllowedSources(["file:/share/*", f"file:{videos}/*"], folder_timeout=0.05)
    try:
        check(sources, f"file:{videos}/a.mp4")
        with pytest.raises(CameraFailedError, match="does not answer"):
            check(sources, f"file:{videos.parent}/secret.mp4")
    finally:
        let_go.set()
