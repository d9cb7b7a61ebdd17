"""Photos that the app's page takes, saved as files."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import pytest
from webdriver import driver

from tests.support.shell_page import END_SECONDS, LOOK_AGAIN_SECONDS

pytestmark = pytest.mark.timeout(180)

TEST_PATTERN = '[data-device="test:pattern"]'
TAKE = "[...document.querySelectorAll('.tile button')].find((button) => button.textContent === 'Photo').click()"


def test_a_click_saves_the_photo_among_the_user_s_downloads(
    app: Path, display: str, sidecar_script: Path, tmp_path: Path
) -> None:
    downloads, settings = tmp_path / "downloads", tmp_path / "settings"
    downloads.mkdir()
    settings.mkdir()
    (settings / "user-dirs.dirs").write_text(f'XDG_DOWNLOAD_DIR="{downloads}"\n', "utf-8")
    environment = {"CAMERA_SIDECAR_PROGRAM": str(sidecar_script), "XDG_CONFIG_HOME": str(settings)}
    with driver(display, environment) as running, running.open(app) as window:
        window.click(TEST_PATTERN)
        window.wait("document.querySelector('.tile')?.dataset.state === 'live'")
        window.run(TAKE)
        window.wait("document.querySelector('.photo img')")
        window.click(".photo a")
        limit = time.monotonic() + END_SECONDS
        while not (sizes := {file.suffix: size_of(file) for file in downloads.iterdir() if size_of(file)}):
            assert time.monotonic() < limit
            time.sleep(LOOK_AGAIN_SECONDS)
    assert sizes == {".jpg": (1280, 720)}


def size_of(file: Path) -> tuple[int, int] | None:
    """The width and height of a picture; None while it is incomplete."""
    picture = cv2.imread(str(file))
    return None if picture is None else (picture.shape[1], picture.shape[0])
