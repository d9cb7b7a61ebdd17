"""A Debian root of the least packages, without Python: made once by debootstrap, entered in a mount namespace."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from environment import cache_directory, exclusive
from freezing.build import Bundle
from progress import run_showing_life

LIMIT = 900.0  # seconds for debootstrap
SUITE_FILE = Path("/etc/os-release")
PLACE = "opt/camera-sidecar"
"""Where the bundle appears inside."""

# The root is read only, and all mounts end with the namespace, which ends with the program.
ENTER = f"""
mount --make-rprivate /
mount --bind "$1" "$1"
mount --bind "$2" "$1/{PLACE}"
mount --rbind /proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -t tmpfs tmpfs "$1/tmp"
mount -o remount,bind,ro "$1"
exec chroot "$1" "/{PLACE}/$(basename "$3")"
"""


def why_no_bare_root() -> str | None:
    """Return why the root cannot be made here, None when it can."""
    if sys.platform != "linux":
        return "a Debian root runs on Linux only"
    missing = [program for program in ("debootstrap", "unshare", "chroot", "apt-get") if shutil.which(program) is None]
    if missing:
        return f"needs {', '.join(missing)}"
    return None if os.geteuid() == 0 else "debootstrap needs root"


def ensure_bare_root() -> Path:
    """Return the root folder, of this system's Debian release and from the mirror of its apt."""
    suite, mirror = release(), apt_mirror()
    root = cache_directory() / "bare-root" / suite
    root.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(root.with_suffix(".lock"), "Waiting for another program that makes the same root"):
        if not (root / PLACE).is_dir():
            shutil.rmtree(root, ignore_errors=True)
            # The first stage unpacks the packages, which is enough to run a program. The second stage configures them
            # for further installations and takes three times as long.
            command = ["debootstrap", "--foreign", "--variant=minbase", suite, str(root), mirror]
            done = run_showing_life(f"Making a bare Debian {suite} (once)", command, timeout=LIMIT)
            assert done.exit_code == 0, done.output
            (root / PLACE).mkdir(parents=True)
    return root


def entering(root: Path, bundle: Bundle) -> list[str]:
    """Return the command prefix that runs the bundle's program inside the root."""
    folder = bundle.program.parent
    return ["unshare", "--mount", "--", "sh", "-ec", ENTER, "enter", str(root), str(folder)]


def release() -> str:
    """Return the code name of this Debian."""
    for line in SUITE_FILE.read_text("utf-8").splitlines():
        key, _, value = line.partition("=")
        if key == "VERSION_CODENAME":
            return value.strip('"')
    raise AssertionError("this system does not say which release it is")


def apt_mirror() -> str:
    """Return the address of apt's mirror for this release."""
    command = ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    sites = [line.split()[0] for line in listed.splitlines() if line.split()[1:] == [release()]]
    assert sites, f"apt has no packages of {release()}"
    return sites[0]
