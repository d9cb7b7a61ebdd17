"""The app as a Debian package: built, installed with only its dependencies, started, and checked on the screen."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from node_packages import SHELL
from shell_app import PROGRAM, build_bundle
from webdriver import screen

from tests.support.desktop_root import DesktopRoot, desktop_root, why_no_desktop_root
from tests.support.frozen import frozen
from tests.support.shell_page import END_SECONDS, assert_gone
from tests.support.x_screen import Screen, button, time_stamp, watching

pytestmark = [
    pytest.mark.timeout(1100),  # the build and, the first time, debootstrap and apt are part of it
    pytest.mark.skipif(why_no_desktop_root() is not None, reason=why_no_desktop_root() or ""),
]

SHOWN_SECONDS = 100.0  # for the window, and again for the picture, on a machine that does much else
MOVING = 5  # different pictures
PLUGINS_BAD, LIBAV = "gstreamer1.0-plugins-bad", "gstreamer1.0-libav"
OPENH264_DECODER, LIBAV_DECODER = "libgstopenh264.so", "libgstlibav.so"
JPEG_WANTED = "the viewer chose the codec jpeg"
ENDED_IN_ORDER = "the sidecar has ended: exit status: 0"
CONFIGURATION = SHELL / "src-tauri" / "tauri.conf.json"


@pytest.fixture(scope="module")
def package(app: Path) -> Path:
    """The package. Depends on `app`, because both come from the same build."""
    sidecar = frozen(onefile=False).program.parent
    configuration = {"bundle": {"resources": {"../../dist/camera-sidecar/": None, f"{sidecar}/": "camera-sidecar/"}}}
    node_modules = Path(os.environ["CAMERA_SIDECAR_NODE_MODULES"])
    return build_bundle(node_modules, "--debug", "--config", json.dumps(configuration))


@pytest.fixture
def installed(package: Path, tmp_path: Path) -> Iterator[DesktopRoot]:
    """A Debian with the package and its dependencies, as apt chooses them without recommendations."""
    depends = subprocess.check_output(["dpkg-deb", "--field", package, "Depends"], text=True).strip()
    assert f"{PLUGINS_BAD} | {LIBAV}" in depends.split(", ")
    layer = tmp_path / "layer"
    layer.mkdir()
    with desktop_root(depends, LIBAV, layer) as root:
        root.install(package)
        yield root


class Shown:
    """The app on a screen of its own."""

    def __init__(self, root: DesktopRoot, seen: Screen, log: Path) -> None:
        self._root = root
        self._screen = seen
        self._log = log

    def show_the_test_picture(self) -> None:
        """Click the one button that stands out: there is no camera, so it offers the test picture."""
        (accent,) = re.findall(r"^  --accent: #(\w+);", (SHELL / "src/styles.css").read_text("utf-8"), re.M)
        colour = (int(accent[:2], 16), int(accent[2:4], 16), int(accent[4:], 16))
        self._screen.click(*self._screen.until(lambda picture: button(picture, colour), SHOWN_SECONDS))

    def moves(self) -> None:
        """See the time in the picture go on, and be the time that it is."""
        stamps: set[int] = set()
        while len(stamps) < MOVING:
            stamps.add(self._screen.until(time_stamp, SHOWN_SECONDS))

    def processes(self) -> dict[str, psutil.Process]:
        """By the program."""
        return {Path(process.exe()).name: process for process in self._root.processes()}

    def decoders(self) -> set[str]:
        """GStreamer's plugins for H.264 that the webview has loaded."""
        maps = Path(f"/proc/{self.processes()['WebKitWebProcess'].pid}/maps").read_text("utf-8")
        return {name for name in (OPENH264_DECODER, LIBAV_DECODER) if f"/{name}\n" in maps}

    def close(self) -> None:
        """Close the window as its user does, and check that no process remains."""
        processes = list(self.processes().values())
        self._screen.close_window(json.loads(CONFIGURATION.read_text("utf-8"))["app"]["windows"][0]["title"])
        assert_gone(processes)
        assert self._root.processes() == []

    def log(self) -> str:
        """The log of the app and the sidecar."""
        return self._log.read_text("utf-8")


@contextmanager
def started(root: DesktopRoot, log: Path) -> Iterator[Shown]:
    """The app, started as its entry in the desktop's menu says."""
    (entry,) = root.path("usr/share/applications").glob("*.desktop")
    (program,) = re.findall(r"^Exec=(\S+)$", entry.read_text("utf-8"), re.M)
    with screen() as display, watching(display) as seen, log.open("wb") as stderr:
        command, environment = root.entering([program]), root.environment(DISPLAY=display)
        with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=stderr) as entered:
            try:
                yield Shown(root, seen, log)
            finally:
                for process in root.processes():
                    with suppress(psutil.NoSuchProcess):
                        process.kill()
                entered.wait(END_SECONDS)


def test_the_installed_app_shows_the_picture_in_h264_and_ends_with_all_that_it_started(
    installed: DesktopRoot, tmp_path: Path
) -> None:
    with started(installed, tmp_path / "log") as app:
        app.show_the_test_picture()
        app.moves()
        assert app.decoders() == {OPENH264_DECODER}
        assert JPEG_WANTED not in app.log()
        processes = app.processes()
        assert processes.keys() >= {PROGRAM, "camera-sidecar", "WebKitWebProcess"}
        processes[PROGRAM].terminate()
        assert_gone(list(processes.values()))
        assert installed.processes() == []


def test_the_other_package_that_it_may_depend_on_decodes_h264_too(installed: DesktopRoot, tmp_path: Path) -> None:
    installed.install_kept()
    installed.run("dpkg", "--remove", PLUGINS_BAD)
    with started(installed, tmp_path / "log") as app:
        app.show_the_test_picture()
        app.moves()
        assert app.decoders() == {LIBAV_DECODER}
        assert JPEG_WANTED not in app.log()
        app.close()
        assert ENDED_IN_ORDER in app.log()


def test_without_either_package_the_picture_is_jpeg(installed: DesktopRoot, tmp_path: Path) -> None:
    installed.run("dpkg", "--remove", "--force-depends", PLUGINS_BAD)
    with started(installed, tmp_path / "log") as app:
        app.show_the_test_picture()
        app.moves()
        assert app.decoders() == set()
        assert JPEG_WANTED in app.log()
