"""The wheel and the sdist: their contents, their metadata, and the program after an installation."""

from __future__ import annotations

import email
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from email.message import Message
from pathlib import Path

import pytest
from environment import ROOT, python_of
from packaging.requirements import Requirement
from releasing.distributions import Distributions, build_distributions, copy_sources

from sidecar import __version__
from sidecar.client import SidecarClient

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
NAME = f"camera_sidecar-{__version__}"
LICENCES = {"LICENSE-MIT", "LICENSE-APACHE"}

pytestmark = pytest.mark.timeout(300)  # the first test waits for the build


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    folder = tmp_path_factory.mktemp("dist")
    for earlier in ("camera_sidecar-0.0.1.tar.gz", "camera_sidecar-0.0.1-py3-none-any.whl"):
        (folder / earlier).touch()
    return build_distributions(folder)


@pytest.fixture(scope="module")
def metadata(built: Distributions) -> Message:
    with zipfile.ZipFile(built.wheel) as archive:
        return email.message_from_bytes(archive.read(f"{NAME}.dist-info/METADATA"))


def modules() -> set[str]:
    """The files of the package in this tree."""
    files = (ROOT / "sidecar").rglob("*")
    return {file.relative_to(ROOT).as_posix() for file in files if file.suffix == ".py" or file.name == "py.typed"}


def test_the_wheel_holds_the_package_and_the_licences_only(built: Distributions) -> None:
    metadata = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "top_level.txt"}
    metadata |= {f"licenses/{name}" for name in LICENCES}
    with zipfile.ZipFile(built.wheel) as archive:
        assert set(archive.namelist()) == modules() | {f"{NAME}.dist-info/{name}" for name in metadata}


def test_the_wheel_fits_every_platform(built: Distributions) -> None:
    assert built.wheel.name == f"{NAME}-py3-none-any.whl"


def test_the_sdist_holds_what_the_wheel_is_made_from(built: Distributions) -> None:
    metadata = {"PKG-INFO", "SOURCES.txt", "dependency_links.txt", "entry_points.txt", "requires.txt", "top_level.txt"}
    beside = {"PKG-INFO", "README.md", "CHANGELOG.md", "MANIFEST.in", "pyproject.toml", "setup.cfg"} | LICENCES
    wanted = modules() | beside | {f"camera_sidecar.egg-info/{name}" for name in metadata}
    with tarfile.open(built.sdist) as archive:
        files = {member.name for member in archive if member.isfile()}
    assert files == {f"{NAME}/{name}" for name in wanted}


def test_the_metadata_names_the_licence_and_its_files(metadata: Message) -> None:
    assert metadata["License-Expression"] == "MIT OR Apache-2.0"
    assert set(metadata.get_all("License-File") or []) == LICENCES
    assert [one for one in metadata.get_all("Classifier") or [] if one.startswith("License")] == []


def test_the_metadata_names_the_dependencies_of_the_program_only(metadata: Message) -> None:
    required = {Requirement(line) for line in metadata.get_all("Requires-Dist") or []}
    assert required == {Requirement(line) for line in PROJECT["project"]["dependencies"]}


@pytest.mark.parametrize("source", ["the wheel", "the checkout"])
async def test_an_installation_gives_the_program_and_the_client(
    built: Distributions, tmp_path: Path, source: str
) -> None:
    python = empty_environment(tmp_path / "environment")
    install(python, built.wheel if source == "the wheel" else copy_sources(tmp_path))
    program = python.with_name("camera-sidecar.exe" if sys.platform == "win32" else "camera-sidecar")

    assert output(str(program), "--version") == f"camera-sidecar {__version__} (source)"
    imported = output(str(python), "-I", "-c", "import sidecar.client as client; print(client.__file__)")
    assert Path(imported).is_relative_to(tmp_path / "environment")
    async with SidecarClient.start([str(program)], cwd=str(tmp_path)) as client:
        assert (await client.notification("ready", timeout=30))["version"] == __version__
        cameras = (await client.call("get_available_cameras"))["cameras"]
        assert "test:pattern" in [camera["device_id"] for camera in cameras]
        assert await client.close() == 0


def empty_environment(folder: Path) -> Path:
    """Make an environment that has this one's packages as its dependencies, and return its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=60)
    python = python_of(folder)
    places = output(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    (Path(places) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def install(python: Path, source: Path) -> None:
    """Install a wheel or a folder of sources, as `pip install` does when the dependencies are there."""
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--disable-pip-version-check"]
    options = ["--no-index", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
    subprocess.run([*pip, *options, str(source)], check=True, timeout=120)


def output(*command: str) -> str:
    """Run a command outside of the checkout and return its standard output."""
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, cwd=Path(sys.prefix))
    return done.stdout.strip()
