"""The app as a Debian package: built, unpacked into an empty folder, started from there."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from shell_app import bundle_command, deb_package
from webdriver import Driver, driver

from tests.support.frozen import frozen
from tests.support.shell_page import assert_gone, sidecar_of
from tests.support.shell_picture import ShownCamera

pytestmark = pytest.mark.timeout(1100)  # the build is part of it

BUILD_SECONDS = 900.0


@pytest.fixture(scope="module")
def package(app: Path) -> Path:
    """The package. Depends on `app`, because both come from the same build."""
    sidecar = frozen(onefile=False).program.parent
    configuration = {"bundle": {"resources": {"../../dist/camera-sidecar/": None, f"{sidecar}/": "camera-sidecar/"}}}
    command = bundle_command(Path(os.environ["CAMERA_SIDECAR_NODE_MODULES"]), json.dumps(configuration))
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=BUILD_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return deb_package()


@pytest.fixture(scope="module")
def installed(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with nothing but the package in it."""
    root = tmp_path_factory.mktemp("root")
    subprocess.run(["dpkg-deb", "--extract", package, root], check=True)
    return root


@pytest.fixture
def clean_driver(display: str) -> Iterator[Driver]:
    """A driver whose programs know nothing of this tree's sidecar."""
    with driver(display, {}) as running:
        yield running


def test_the_package_depends_on_what_decodes_its_pictures(package: Path) -> None:
    depends = subprocess.check_output(["dpkg-deb", "--field", package, "Depends"], text=True).strip().split(", ")
    assert "gstreamer1.0-plugins-bad | gstreamer1.0-libav" in depends
    assert "libwebkit2gtk-4.1-0" in depends


def test_the_unpacked_package_shows_the_picture(installed: Path, clean_driver: Driver) -> None:
    program = installed / "usr/bin/camera-sidecar-shell"
    with clean_driver.open(program) as window:
        assert len(ShownCamera(window).seen().latencies) > 5
        sidecar = sidecar_of(clean_driver, program)
        assert Path(sidecar.exe()).is_relative_to(installed)
        window.close()
        assert_gone([sidecar])
