"""The paths of file: sources, by the rules of Windows and of POSIX."""

from __future__ import annotations

import pytest

from sidecar.cameras.sources.file_path import FilePattern, comparable, file_path
from sidecar.cameras.sources.syntax import SourceSyntaxError
from tests.support.growth import MOST_GROWTH, growth

FOLDER = "C:\\Users\\me"


@pytest.mark.parametrize(
    "path",
    [
        "\\\\server\\share\\x.mp4",
        "//server/share/x.mp4",
        "////server/share/x",
        "/\\server\\x",
        "\\/server\\x",
        "\\\\?\\C:\\x.mp4",
        "\\\\.\\COM1",
        "//?/C:/x",
        "\\\\?\\UNC\\server\\x",
        "\\??\\C:\\x",
        "//localhost//server/share/x",
        "///\\server\\x",
        "\\\\localhost\\c$\\x",
        "//server@SSL/DavWWWRoot/x",
        "CON",
        "con.mp4",
        "C:\\videos\\nul",
        "C:\\videos\\NUL.txt",
        "aux .mp4",
        "COM1",
        "C:\\com9.avi",
        "LPT1:",
        "COM²",
        "CONIN$",
        "conout$",
        "C:\\a\\PRN\\b.mp4",
        "a.mp4:stream",
        "a.mp4::$DATA",
        "C:a.mp4",
        "C:",
        "1:\\x",
        "CC:\\x",
        "a.mp4.",
        "a.mp4 ",
        "a.mp4. .",
        "videos \\a.mp4",
        "C:\\...\\a",
        "a?.mp4",
        "a*.mp4",
        "a|b",
        "a<b>",
        'a"b',
        "a\x00b",
        "a\nb",
        "\x1b[31m",
        "\ud800",
        "",
    ],
)
def test_on_windows_a_path_that_is_not_on_a_drive_is_refused_by_its_text(path: str) -> None:
    with pytest.raises(SourceSyntaxError):
        file_path(f"file:{path}", FOLDER, windows=True)


def test_on_windows_relative_paths_are_refused_when_the_sidecar_was_started_on_a_share() -> None:
    with pytest.raises(SourceSyntaxError):
        file_path("file:a.mp4", "\\\\server\\share", windows=True)


@pytest.mark.parametrize(
    "text",
    [
        "file:C:\\videos\\a.mp4",
        "file:c:/videos/a.mp4",
        "file:///C:/videos/a.mp4",
        "FILE:C:\\videos\\.\\x\\..\\a.mp4",
        "file:C:\\\\videos\\\\a.mp4",
        "file://localhost/C:/VIDEOS/A.MP4",
        "file:..\\..\\videos\\a.mp4",
        "file:\\videos\\a.mp4",
    ],
)
def test_on_windows_spellings_of_one_path_compare_as_equal(text: str) -> None:
    assert comparable(file_path(text, FOLDER, windows=True), windows=True) == "c:/videos/a.mp4"


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("file:C:\\Videos\\*", "c:\\videos\\a\\b.mp4", True),
        ("file:c:/videos/*.mp4", "C:\\VIDEOS\\A.MP4", True),
        ("file:C:\\Videos\\a.mp4", "C:\\Videos\\b.mp4", False),
        ("file:C:\\Videos\\*", "C:\\Videos2\\a.mp4", False),
        ("file:C:\\*", "D:\\a.mp4", False),
        ("file:*", "C:\\Users\\me\\a.mp4", True),
    ],
)
def test_on_windows_patterns_compare_without_case_and_slashes(pattern: str, path: str, fits: bool) -> None:
    parsed = FilePattern.parse(pattern, FOLDER, windows=True)
    plain = comparable(file_path(f"file:{path}", FOLDER, windows=True), windows=True)
    assert parsed.matcher(parsed.head).matches(plain) is fits


@pytest.mark.parametrize("pattern", ["file:\\\\server\\share\\*", "file://server/share/*", "file:\\\\?\\C:\\*"])
def test_on_windows_a_pattern_of_a_share_is_refused(pattern: str) -> None:
    with pytest.raises(SourceSyntaxError):
        FilePattern.parse(pattern, FOLDER, windows=True)


@pytest.mark.parametrize(
    "path",
    [
        "/dev/video0",
        "/dev/fd/3",
        "/dev//./stdin",
        "/proc/self/fd/3",
        "/proc/1/cwd/x",
        "/sys/x",
        "/x/../dev/sda",
        "",
        "a\x00b",
        "a\nb",
        "a\x1b[2Jb",
        "a\u2028b",
        "a\x9bb",
        "\ud800",
    ],
)
def test_elsewhere_devices_and_control_characters_are_refused_by_their_text(path: str) -> None:
    with pytest.raises(SourceSyntaxError):
        file_path(f"file:{path}", "/", windows=False)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("file:/a/b.mp4", "/a/b.mp4"),
        ("file:///a/b.mp4", "/a/b.mp4"),
        ("file://a/b.mp4", "/a/b.mp4"),
        ("file://localhost/a/b.mp4", "/a/b.mp4"),
        ("file:////a//./x/../b.mp4", "/a/b.mp4"),
        ("File:b.mp4", "/home/me/b.mp4"),
        ("file:../../../../a/b.mp4", "/a/b.mp4"),
        ("file:/a\\b c:d%20|?*.mp4", "/a\\b c:d%20|?*.mp4"),
        ("file:/dev/shm/a.mp4", "/dev/shm/a.mp4"),
        ("file:/devices/a.mp4", "/devices/a.mp4"),
    ],
)
def test_elsewhere_a_path_is_made_absolute_by_its_text(text: str, path: str) -> None:
    assert file_path(text, "/home/me", windows=False) == path


@pytest.mark.parametrize("pattern", ["file:/videos/*/../x", "file:/a*/../../etc/*", "file:", "file:a\nb*"])
def test_a_pattern_that_leads_up_behind_its_wildcard_is_refused(pattern: str) -> None:
    with pytest.raises(SourceSyntaxError):
        FilePattern.parse(pattern, "/", windows=False)


@pytest.mark.parametrize("unit", ["/..", "/.", "a/", "\\", " .", ":", "CON/", "é"])
@pytest.mark.parametrize("windows", [False, True])
def test_paths_are_read_in_linear_time(unit: str, windows: bool) -> None:
    def read(text: str) -> None:
        try:
            file_path(text, FOLDER if windows else "/", windows=windows, max_length=1 << 30)
        except SourceSyntaxError:
            return

    assert growth(lambda size: "file:/" + unit * size, read, size=512) < MOST_GROWTH
