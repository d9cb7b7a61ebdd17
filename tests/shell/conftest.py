"""The Tauri app in WebKitGTK, with the sidecar of this tree behind it."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from webdriver import Driver, Window, driver, screen

from tests.support.sidecar_process import ROOT
from tests.support.videos import write_video

PROGRAM = "CAMERA_SIDECAR_SHELL"
"""Where scripts/test.py puts the path of the app that it built."""


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Shows figures that were measured."""

    def show(figure: str) -> None:
        with capsys.disabled():
            sys.stderr.write(f"\n{figure}\n")

    return show


@pytest.fixture(scope="session")
def app() -> Path:
    """The app, a debug build."""
    if PROGRAM not in os.environ:
        pytest.skip(f"{PROGRAM} does not name the app: python3 scripts/test.py shell builds it and does")
    return Path(os.environ[PROGRAM])


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video that stands for a second camera."""
    return write_video(tmp_path_factory.mktemp("clip") / "clip.mp4", size=(320, 180))


@pytest.fixture(scope="session")
def sidecar_script(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Path:
    """A program that becomes the sidecar of this tree."""
    script = tmp_path_factory.mktemp("program") / "camera-sidecar"
    command = shlex.join([sys.executable, "-m", "sidecar", "--allow-source", f"file:{clip}"])
    script.write_text(f'#!/bin/sh\ncd {shlex.quote(str(ROOT))} && exec {command} "$@"\n')
    script.chmod(0o755)
    return script


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A screen in memory."""
    with screen() as name:
        yield name


@pytest.fixture(scope="session")
def web_driver(display: str, sidecar_script: Path) -> Iterator[Driver]:
    """Opens windows, one at a time."""
    with driver(display, {"CAMERA_SIDECAR_PROGRAM": str(sidecar_script)}) as running:
        yield running


@pytest.fixture
def window(web_driver: Driver, app: Path) -> Iterator[Window]:
    """The app's window, its page loaded."""
    with web_driver.open(app) as opened:
        opened.wait("document.readyState === 'complete'")
        yield opened
