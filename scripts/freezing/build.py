"""Runs PyInstaller outside of the checkout and moves the result to its place."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from environment import ROOT, cache_directory, exclusive
from progress import run_showing_life

from freezing.build_information import write_build_information
from freezing.compiled_methods import write_compiled_methods
from freezing.inventory import Item, read_inventory
from freezing.licences import write_licences
from freezing.target import executable_suffix, target_triple

NAME = "camera-sidecar"
SPEC = Path(__file__).with_name("camera-sidecar.spec")
LIMIT = 1800.0  # seconds for PyInstaller; about 40 on a quiet machine
LICENCES = "THIRD_PARTY_LICENSES"
OWN_LICENCES = ("LICENSE-MIT", "LICENSE-APACHE")


class FreezeFailedError(Exception):
    """The sidecar cannot be frozen; the text is the reason."""


@dataclass(frozen=True)
class Bundle:
    """A frozen sidecar: the folder or file to ship, the program to start, and the list of its files."""

    path: Path
    program: Path
    inventory: list[Item] = field(repr=False)


def build_folder(dist: Path, onefile: bool) -> Path:
    """Return the folder of the intermediate files, one for each place of a result."""
    place = dist.resolve().as_posix().strip("/").replace("/", "-").replace(":", "")
    return cache_directory() / "freeze" / f"{place}-{'onefile' if onefile else 'onedir'}"


def bundle_of(dist: Path, onefile: bool) -> Bundle:
    """Return the result of the last build. Raises FreezeFailedError without a build."""
    inventory = build_folder(dist, onefile) / "inventory.json"
    path, program = places(dist, onefile)
    if not inventory.is_file() or not program.is_file():
        raise FreezeFailedError(f"There is no build in {dist}: run scripts/freeze.py first.")
    return Bundle(path, program, read_inventory(inventory))


def places(dist: Path, onefile: bool) -> tuple[Path, Path]:
    """Return the folder or file to ship, and the program to start."""
    if onefile:
        file = dist / "onefile" / f"{NAME}-{target_triple()}{executable_suffix()}"
        return file, file
    return dist / NAME, dist / NAME / f"{NAME}{executable_suffix()}"


def freeze(dist: Path, onefile: bool) -> Bundle:
    """Freeze the sidecar; it replaces the result of an earlier build. Raises FreezeFailedError."""
    folder = build_folder(dist, onefile)
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder.with_suffix(".lock"), "Waiting for another build"):
        made = run_pyinstaller(folder, places(dist, onefile)[1].stem, onefile)
        write_licences(folder / LICENCES, read_inventory(folder / "inventory.json"))
        put_in_place(made, folder / LICENCES, dist, onefile)
    return bundle_of(dist, onefile)


def run_pyinstaller(folder: Path, name: str, onefile: bool) -> Path:
    """Build inside `folder` and return the resulting folder or file."""
    if sys.platform == "linux" and shutil.which("objcopy") is None:
        raise FreezeFailedError("PyInstaller needs objcopy. On Debian: apt-get install binutils")
    write_build_information(folder)
    try:
        write_compiled_methods(folder)
    except subprocess.SubprocessError as error:
        raise FreezeFailedError(f"The lean imports of the program's start failed: {error}.") from error
    shutil.rmtree(folder / "stripped", ignore_errors=True)
    command = [sys.executable, "-m", "PyInstaller", str(SPEC), "--noconfirm", "--log-level", "INFO"]
    command += ["--distpath", str(folder / "dist"), "--workpath", str(folder / "work")]
    command += ["--", str(folder), name, *(["--onefile"] if onefile else [])]
    # PyInstaller writes sets in their order; with a fixed seed two builds are alike.
    os.environ["PYTHONHASHSEED"] = "0"
    done = run_showing_life("Freezing", command, timeout=LIMIT, folder=folder, describe=describe)
    if done.exit_code != 0:
        reason = f"PyInstaller was stopped after {LIMIT:.0f} s" if done.timed_out else "PyInstaller failed"
        raise FreezeFailedError(f"{done.output[-4000:]}\n{reason}.")
    return folder / "dist" / (name + executable_suffix() * onefile)


def describe(line: str) -> str | None:
    """Return a log line of PyInstaller without its time and level."""
    return line.partition("INFO: ")[2].strip() or None


def put_in_place(made: Path, licences: Path, dist: Path, onefile: bool) -> None:
    """Move the result and its licences to their place."""
    path, _ = places(dist, onefile)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()
    shutil.move(made, path)
    for file in (licences, *(ROOT / name for name in OWN_LICENCES)):
        shutil.copyfile(file, (path.parent if onefile else path) / file.name)
