"""scripts/environment.py: the place of the environment, the reasons to make it again, and concurrent calls."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import environment
import pytest

LOCK = "# made by hand\nexample==1.0 \\\n    --hash=sha256:00\n"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAMERA_SIDECAR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_cache_lies_where_the_variable_says(cache: Path) -> None:
    assert environment.cache_directory() == cache


def test_the_cache_is_never_in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CAMERA_SIDECAR_CACHE")
    assert environment.ROOT not in environment.cache_directory().parents
    assert environment.cache_directory().name == "camera-sidecar"


def test_another_lock_is_another_environment(tmp_path: Path) -> None:
    lock = tmp_path / "one.lock"
    lock.write_text(LOCK)
    before = environment.environment_name(lock, dev=False)
    assert environment.environment_name(lock, dev=False) == before
    lock.write_text(LOCK.replace("1.0", "1.1"))
    assert environment.environment_name(lock, dev=False) != before


def test_an_environment_is_made_once_and_an_interrupted_one_again(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = []

    def install(folder: Path, lock: Path) -> None:
        """Stands for pip and the network."""
        installed.append(lock)
        environment.python_of(folder).parent.mkdir(parents=True)
        environment.python_of(folder).touch()

    monkeypatch.setattr(environment, "install", install)
    python = environment.ensure_environment()
    assert environment.ensure_environment() == python
    assert installed == [environment.RUNTIME_LOCK]

    (python.parents[1] / environment.COMPLETE).unlink()
    assert environment.ensure_environment() == python
    assert installed == [environment.RUNTIME_LOCK] * 2


def test_a_lock_that_cannot_be_installed_says_what_pip_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "bad.lock"
    lock.write_text("not a requirement at all\n")
    folder = tmp_path / "environment"
    pip = [sys.executable, "-m", "pip"]  # making an environment of its own takes several seconds
    monkeypatch.setattr(environment, "make_virtual_environment", lambda _: pip)
    with pytest.raises(environment.EnvironmentFailedError, match="Invalid requirement"):
        environment.install(folder, lock)
    assert not folder.exists()


def test_environments_that_nobody_uses_are_removed(cache: Path) -> None:
    for name in ("old", "new"):
        (cache / name).mkdir(parents=True)
        (cache / name / environment.COMPLETE).touch()
    long_ago = time.time() - environment.UNUSED_LIMIT - 60
    os.utime(cache / "old" / environment.COMPLETE, (long_ago, long_ago))
    environment.remove_unused(cache)
    assert [path.name for path in cache.iterdir()] == ["new"]


def test_a_second_process_waits_for_the_first(tmp_path: Path) -> None:
    lock = tmp_path / "held.lock"
    program = "import sys, environment, pathlib\nwith environment.exclusive(pathlib.Path(sys.argv[1]), 'Waiting'): pass"
    variables = {**os.environ, "PYTHONPATH": str(environment.ROOT / "scripts")}
    with environment.exclusive(lock, "Waiting"):
        other = subprocess.Popen(
            [sys.executable, "-c", program, lock], stdout=subprocess.PIPE, text=True, env=variables
        )
        assert other.stdout is not None
        assert other.stdout.readline().startswith("Waiting")
        assert other.poll() is None
    with other:
        assert other.wait(20) == 0
