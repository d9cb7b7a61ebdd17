"""The frozen sidecar: it runs without other installations, names its build, and contains only its dependencies."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from environment import ROOT, RUNTIME_LOCK
from freezing.build import LICENCES, OWN_LICENCES, Bundle
from freezing.check import check, clean_environment
from freezing.elf import is_elf, linkage
from freezing.inventory import OURS, PYTHON, SYSTEM
from freezing.report import size_on_disk, unknown
from releasing.archive import pack
from releasing.bills import frozen_bill

from sidecar import __version__
from tests.support.bare_root import ensure_bare_root, entering, why_no_bare_root
from tests.support.frozen import frozen

FOLDER_MB, FILE_MB = 320, 125
"""Somewhat more than the size of the bundles; a larger bundle has a new component."""

GLIBC = re.compile(r"(ld-linux.*|lib(c|m|dl|rt|pthread|mvec|util)\.so.*)")
BARE_ROOT_SECONDS = 1200  # debootstrap's, the first time

pytestmark = pytest.mark.timeout(1200)  # the first test of each kind waits for its build


@pytest.fixture(params=[False, True], ids=["folder", "one-file"])
def bundle(request: pytest.FixtureRequest) -> Bundle:
    """Both ways of freezing."""
    return frozen(onefile=request.param)


async def test_it_streams_to_a_viewer_from_another_folder_with_an_empty_environment(bundle: Bundle) -> None:
    assert "pictures" in await check(bundle.program, env={})


def test_its_version_tells_how_it_was_built(bundle: Bundle) -> None:
    done = subprocess.run(
        [bundle.program, "--version"], capture_output=True, text=True, check=True, env=clean_environment(), timeout=60
    )
    assert done.stdout.startswith(f"camera-sidecar {__version__} (commit ")
    for name in ("date 2", "target ", "Python 3.", "FFmpeg ", "PyAV ", "OpenCV ", "aiortc "):
        assert name in done.stdout


async def test_it_runs_from_the_archive_of_a_release(tmp_path: Path) -> None:
    bundle = frozen(onefile=False)
    shutil.unpack_archive(pack(bundle.path, tmp_path), tmp_path, filter="data")
    assert "pictures" in await check(tmp_path / bundle.path.name / bundle.program.name)
    assert frozen_bill(bundle, tmp_path).is_file()


@pytest.mark.skipif(why_no_bare_root() is not None, reason=why_no_bare_root() or "")
async def test_it_runs_on_a_debian_without_python(bundle: Bundle) -> None:
    root = ensure_bare_root()
    assert list(root.glob("usr/bin/python*")) == []
    assert list(root.glob("usr/lib/**/libpython*")) == []
    assert "pictures" in await check(bundle.program, wrapper=entering(root, bundle), env={"PATH": "/usr/sbin:/usr/bin"})


def test_each_package_in_it_has_a_reason(bundle: Bundle) -> None:
    assert unknown(bundle.inventory) == []


def test_every_package_in_it_is_one_that_the_lock_pins(bundle: Bundle) -> None:
    pinned = set(re.findall(r"^([a-z0-9._-]+)==", RUNTIME_LOCK.read_text("utf-8"), re.MULTILINE))
    assert {item.owner for item in bundle.inventory} - {OURS, PYTHON, SYSTEM} - pinned == set()


def test_it_has_not_grown() -> None:
    assert size_on_disk(frozen(onefile=False).path) / 1e6 < FOLDER_MB
    assert size_on_disk(frozen(onefile=True).path) / 1e6 < FILE_MB


def test_every_library_that_a_file_asks_for_is_in_the_folder_or_part_of_glibc() -> None:
    folder = frozen(onefile=False).path / "_internal"
    missing = {}
    for file in native_files(folder):
        asked = linkage(file)
        places = [folder, *(Path(place.replace("$ORIGIN", str(file.parent))) for place in asked.search)]
        lost = [
            name for name in asked.needed if not GLIBC.fullmatch(name) and not any((p / name).is_file() for p in places)
        ]
        if lost:
            missing[file.name] = lost
    assert missing == {}


def test_each_library_in_it_is_needed_by_a_file() -> None:
    folder = frozen(onefile=False).path / "_internal"
    asked = {name for file in [*native_files(folder), frozen(onefile=False).program] for name in linkage(file).needed}
    libraries = {file.name for file in native_files(folder) if re.match(r"lib.*\.so", file.name)}
    # The program itself loads Python.
    assert {name for name in libraries - asked if not name.startswith("libpython")} == set()


def test_the_methods_of_its_dataclasses_are_in_it_compiled(bundle: Bundle) -> None:
    assert [item.owner for item in bundle.inventory if item.name == "sidecar/startup/compiled_methods.marshal"] == [
        OURS
    ]


def test_there_is_one_ffmpeg_in_it() -> None:
    folder = frozen(onefile=False).path
    assert len(list(folder.rglob("libavcodec*.so*"))) == 1


def test_there_are_no_links_in_it_that_an_installer_would_have_to_keep() -> None:
    assert [file for file in frozen(onefile=False).path.rglob("*") if file.is_symlink()] == []


def test_the_licences_go_with_it(bundle: Bundle) -> None:
    folder = bundle.path if bundle.path.is_dir() else bundle.path.parent
    text = (folder / LICENCES).read_text("utf-8")
    assert re.search(r"The encoders libx264\S+ and libx265\S+ are free software", text)
    assert "GNU GENERAL PUBLIC LICENSE" in text
    for name in (
        "av ",
        "aiortc ",
        "numpy ",
        "opencv-python-headless ",
        "Python 3.",
        "FFmpeg: ",
        "Linked into it: libsrtp: ",
        "Opus: ",
    ):
        assert f"\n{name}" in text
    assert "camera-sidecar itself: MIT OR Apache-2.0" in text
    for name in OWN_LICENCES:
        assert (folder / name).read_bytes() == (ROOT / name).read_bytes()


def native_files(folder: Path) -> list[Path]:
    """The shared libraries and modules of a bundle."""
    return [file for file in folder.rglob("*") if ".so" in file.name and file.is_file() and is_elf(file)]
