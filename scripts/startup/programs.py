"""The frozen programs of the comparison."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from environment import cache_directory, exclusive
from freezing.build import FreezeFailedError, bundle_of, freeze
from freezing.report import size_on_disk
from freezing.target import executable_suffix
from progress import run_showing_life

BARE = "bare"
LIMIT = 1800.0  # seconds for one run of PyInstaller


@dataclass(frozen=True)
class Program:
    """A frozen program: name in the table, executable, size in bytes, and whether it is the sidecar."""

    name: str
    path: Path
    size: int
    is_sidecar: bool


def all_programs(dist: Path) -> list[Program]:
    """Return all programs, the reference of the comparison first; missing ones are frozen."""
    return [
        reference("bare", False),
        reference("naive", False),
        sidecar(dist, False),
        reference("bare", True),
        reference("naive", True),
        sidecar(dist, True),
    ]


def kind(onefile: bool) -> str:
    """Return the form of a frozen program in words."""
    return "one file" if onefile else "folder"


def sidecar(dist: Path, onefile: bool) -> Program:
    """Return the frozen sidecar; freeze it if it is missing."""
    try:
        bundle = bundle_of(dist, onefile)
    except FreezeFailedError:
        bundle = freeze(dist, onefile)
    return Program(f"sidecar, {kind(onefile)}", bundle.program, size_on_disk(bundle.path), is_sidecar=True)


def reference(name: str, onefile: bool) -> Program:
    """Return a small program of this folder, frozen with PyInstaller's defaults and cached for this environment."""
    folder = cache_directory() / "freeze" / f"{Path(sys.prefix).name}-{name}-{'onefile' if onefile else 'onedir'}"
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / "dist" / (f"{name}{executable_suffix()}" if onefile else name)
    program = made if onefile else made / f"{name}{executable_suffix()}"
    with exclusive(folder / "lock", "Waiting for another build"):
        if not program.is_file():
            run_pyinstaller(Path(__file__).with_name(f"{name}.py"), folder, onefile)
    return Program(f"{name}, {kind(onefile)}", program, size_on_disk(made), is_sidecar=False)


def run_pyinstaller(script: Path, folder: Path, onefile: bool) -> None:
    """Freeze a script; raises FreezeFailedError."""
    command = [sys.executable, "-m", "PyInstaller", str(script), "--noconfirm", "--onefile" if onefile else "--onedir"]
    command += ["--distpath", str(folder / "dist"), "--workpath", str(folder / "work"), "--specpath", str(folder)]
    done = run_showing_life(f"Freezing {script.stem}, {kind(onefile)}", command, timeout=LIMIT, folder=folder)
    if done.exit_code != 0:
        raise FreezeFailedError(f"{done.output[-4000:]}\nPyInstaller failed.")
