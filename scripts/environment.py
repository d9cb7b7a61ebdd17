"""The project's virtual environment, outside the checkout: made once and reused until the lock changes.

    python3 scripts/environment.py          make the environment and print the path of its Python
    python3 scripts/environment.py --dev    the same with the dependencies of the tests
    python3 scripts/environment.py --lock   write requirements.lock and requirements-dev.lock from pyproject.toml

Needs only the standard library of Python 3.11 or newer.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from progress import MovingLine, run_showing_life

ROOT = Path(__file__).resolve().parent.parent
RUNTIME_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
UV = "uv==0.13.9"  # resolves for all platforms at once, unlike pip

SOURCE_ONLY = ["jsonrpcserver"]  # pure Python without a wheel; all other packages must have one

INSTALL_LIMIT = 1800.0  # seconds; some 150 MB over a slow line
UNUSED_LIMIT = 30 * 24 * 3600.0  # seconds without use after which an environment is removed
COMPLETE = "complete"  # the marker file of a completed installation


class EnvironmentFailedError(Exception):
    """The environment cannot be made; the message has the reason and the remedy."""


def cache_directory() -> Path:
    """Return the project's cache directory: CAMERA_SIDECAR_CACHE, or the platform's place for caches."""
    override = os.environ.get("CAMERA_SIDECAR_CACHE")
    if override:
        return Path(override).absolute()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "camera-sidecar"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "camera-sidecar"
    xdg = os.environ.get("XDG_CACHE_HOME")
    return (Path(xdg) if xdg else Path.home() / ".cache") / "camera-sidecar"


def ensure_environment(dev: bool = False) -> Path:
    """Make the environment if it is missing, and return the path of its Python.

    A second program that calls this at the same time waits for the first. An interrupted installation is removed and
    repeated. Raises EnvironmentFailedError.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python can run this script
        raise EnvironmentFailedError(f"Python 3.11 or newer is needed; this is {platform.python_version()}.")
    lock = DEV_LOCK if dev else RUNTIME_LOCK
    folder = cache_directory() / "environments" / environment_name(lock, dev)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(folder.with_suffix(".lock"), "Waiting for another program that makes the same environment"):
        if not is_complete(folder):
            shutil.rmtree(folder, ignore_errors=True)
            install(folder, lock)
            remove_unused(folder.parent)
        (folder / COMPLETE).touch()
    return python_of(folder)


def environment_name(lock: Path, dev: bool) -> str:
    """Return the folder's name, which changes with the lock, the interpreter and the machine type."""
    facts = [sys.implementation.cache_tag, sys.base_prefix, platform.machine(), sys.version]
    digest = hashlib.sha256(lock.read_bytes() + "\0".join(map(str, facts)).encode()).hexdigest()
    return f"{'dev' if dev else 'run'}-{sys.implementation.cache_tag}-{digest[:12]}"


def python_of(folder: Path) -> Path:
    """Return the path of a virtual environment's Python."""
    return folder / "Scripts" / "python.exe" if sys.platform == "win32" else folder / "bin" / "python"


def is_complete(folder: Path) -> bool:
    """Return whether the installation was completed and the environment's Python still exists."""
    return (folder / COMPLETE).is_file() and python_of(folder).exists()


def install(folder: Path, lock: Path) -> None:
    """Make a virtual environment and install a lock into it; raises EnvironmentFailedError."""
    packages = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines() if not line.startswith(" "))
    seen: set[str] = set()

    def describe(line: str) -> str | None:
        words = line.split()
        if words[:1] == ["Collecting"]:
            seen.add(words[1])
        if words[:1] in (["Collecting"], ["Downloading"], ["Installing"]):
            step = " ".join(word.rpartition("/")[2] for word in words[:4])
            return f"{len(seen)} of up to {packages}: {step}" if words[0] != "Installing" else "Unpacking the packages"
        return None

    started = time.monotonic()
    folder.mkdir(parents=True)
    pip = make_virtual_environment(folder)
    options = ["--no-input", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]
    options += ["--no-binary", ",".join(SOURCE_ONLY), "--use-pep517"]
    done = run_showing_life(
        f"Installing the packages of {lock.name} (once)",
        [*pip, "install", *options, "--progress-bar", "off", "-r", str(lock)],
        timeout=INSTALL_LIMIT,
        describe=describe,
    )
    if done.exit_code != 0:
        shutil.rmtree(folder, ignore_errors=True)
        reason = f"pip was stopped after {INSTALL_LIMIT:.0f} s" if done.timed_out else "pip failed"
        raise EnvironmentFailedError(f"{done.output[-3000:]}\n{reason}. Is the network there? Then run this again.")
    print(f"Installed {lock.name} in {time.monotonic() - started:.0f} s: {folder}", flush=True)


def make_virtual_environment(folder: Path) -> list[str]:
    """Make an empty virtual environment; return the pip command that installs into it."""
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None  # Debian keeps it in python3-venv
    has_pip = importlib.util.find_spec("pip") is not None
    if not has_ensurepip and not has_pip:
        raise EnvironmentFailedError(
            f"{sys.executable} has neither ensurepip nor pip. On Debian: apt-get install python3-venv"
        )
    command = [sys.executable, "-m", "venv", str(folder)] + ([] if has_ensurepip else ["--without-pip"])
    done = run_showing_life("Making a virtual environment", command, timeout=300)
    if done.exit_code != 0:
        shutil.rmtree(folder, ignore_errors=True)
        raise EnvironmentFailedError(f"{done.output[-3000:]}\npython -m venv failed.")
    # Isolated (-I), or packages on the caller's PYTHONPATH would count as installed.
    if has_ensurepip:
        return [str(python_of(folder)), "-I", "-m", "pip"]
    return [sys.executable, "-I", "-m", "pip", "--python", str(python_of(folder))]


def remove_unused(environments: Path) -> None:
    """Remove environments that were not used for a month; each takes about 300 MB."""
    for marker in environments.glob(f"*/{COMPLETE}"):
        if time.time() - marker.stat().st_mtime > UNUSED_LIMIT:
            shutil.rmtree(marker.parent, ignore_errors=True)


@contextmanager
def exclusive(path: Path, waiting: str) -> Iterator[None]:
    """Hold a lock between processes, released by the system if this process dies; `waiting` is shown during a wait."""
    with path.open("a") as file:
        if not try_lock(file.fileno()):
            with MovingLine(waiting):
                while not try_lock(file.fileno()):
                    time.sleep(0.2)
        yield


if sys.platform == "win32":
    import msvcrt

    def try_lock(descriptor: int) -> bool:
        """Lock a file until it is closed; False when another process holds it."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Lock a file until it is closed; False when another process holds it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def write_locks(upgrade: bool) -> None:
    """Write both locks from pyproject.toml, for all platforms and Python versions, with hashes and no address."""
    with tempfile.TemporaryDirectory(prefix="camera-sidecar-lock-") as temporary:
        folder = Path(temporary)
        pip = make_virtual_environment(folder)
        subprocess.run([*pip, "install", "--quiet", "--disable-pip-version-check", UV], check=True)
        python = str(python_of(folder))
        compile_lock(python, RUNTIME_LOCK, [], upgrade)
        compile_lock(python, DEV_LOCK, ["--group", "dev", "--constraint", RUNTIME_LOCK.name], upgrade)


def compile_lock(python: str, lock: Path, options: Sequence[str], upgrade: bool) -> None:
    """Resolve pyproject.toml into one lock; locked versions stay unless `upgrade`."""
    command = [python, "-m", "uv", "pip", "compile", "pyproject.toml", *options, "--output-file", lock.name]
    command += ["--universal", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    command += ["--custom-compile-command", "python3 scripts/environment.py --lock"]
    subprocess.run(command + ["--upgrade"] * upgrade, check=True, cwd=ROOT)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Make the project's virtual environment and print its Python.")
    parser.add_argument("--dev", action="store_true", help="with the dependencies of the tests")
    parser.add_argument("--lock", action="store_true", help="write the locks from pyproject.toml instead")
    parser.add_argument("--upgrade", action="store_true", help="with --lock: use the newest releases")
    arguments = parser.parse_args()
    if arguments.lock:
        write_locks(arguments.upgrade)
        return
    try:
        print(ensure_environment(arguments.dev))
    except EnvironmentFailedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
