"""A Debian root with only the dependencies of one package, and the programs inside it.

The root is made once, by debootstrap and apt. A test works in a layer above it (overlayfs), in namespaces of its own:
all of it is gone with the process that holds them. There is no network in it, no camera, no graphics card, no session
bus; of a desktop, it has the socket of an X screen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from environment import cache_directory, exclusive
from progress import run_showing_life

from tests.support.bare_root import apt_mirror, release
from tests.support.shell_page import is_alive

LIMIT = 300.0  # seconds for debootstrap, and again for apt; either takes half a minute
COMMAND_SECONDS = 180.0
ROOT_ID, USER_ID = 0, 1000
USER = "person"
X_SOCKETS = "/tmp/.X11-unix"  # the folder of X servers' sockets, independent of TMPDIR
ARCHIVES = "/var/cache/apt/archives"
PROGRAMS = ("debootstrap", "unshare", "nsenter", "chroot", "apt-get", "ip")

MAKE = """
mount --make-rprivate /
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
export DEBIAN_FRONTEND=noninteractive
chroot "$1" apt-get --quiet update
chroot "$1" apt-get --quiet --yes --no-install-recommends satisfy "$2"
chroot "$1" apt-get clean
chroot "$1" apt-get --quiet --yes --no-install-recommends --download-only install $3
chroot "$1" useradd --create-home --uid "$4" "$5"
rm -r "$1/var/lib/apt/lists"
"""
"""Arguments: the root, a field `Depends`, packages that are kept at hand but not installed, the user's id and name."""

ENTER = """
mount --make-rprivate /
mount -t tmpfs -o size=2g,mode=755 tmpfs "$2"
mkdir "$2/upper" "$2/work" "$2/top"
mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" overlay "$2/top"
mount -t proc proc "$2/top/proc"
mount -t tmpfs -o mode=755 tmpfs "$2/top/dev"
mkdir -m 1777 "$2/top/dev/shm"
for device in null zero full random urandom; do
    touch "$2/top/dev/$device"
    mount --bind "/dev/$device" "$2/top/dev/$device"
done
mount -t tmpfs -o mode=1777 tmpfs "$2/top/tmp"
mkdir "$2/top$3"
mount --bind "$3" "$2/top$3"
ip link set lo up
exec chroot "$2/top" sh -c "echo ready; exec cat"
"""
"""Arguments: the root, an empty folder, X_SOCKETS. The first process of the namespaces says `ready` when it is in the
root, before which `/proc/…/root` would be this system's, and ends with its standard input."""


class DesktopRoot:
    """The root, while a process holds its namespaces."""

    def __init__(self, holder: psutil.Process) -> None:
        self._holder = holder

    def install(self, package: Path) -> None:
        """Install a package file, as root; fails unless all that it depends on is there."""
        shutil.copy(package, self.path("package.deb"))
        self.run("dpkg", "--install", "/package.deb")

    def install_kept(self) -> None:
        """Install the packages kept at hand, with their dependencies."""
        self.run("sh", "-c", f"dpkg --install {ARCHIVES}/*.deb")

    def run(self, *command: str) -> None:
        """Run a command inside, as root; its output is shown when it fails."""
        entering = self.entering([*command], user_id=ROOT_ID)
        done = subprocess.run(
            entering, env=self.environment(), capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a program inside."""
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": f"/home/{USER}", "LANG": "C.UTF-8", **more}

    def entering(self, command: list[str], user_id: int = USER_ID) -> list[str]:
        """The command line that runs a command inside."""
        namespaces = ["--target", str(self._holder.pid), "--mount", "--pid", "--net", "--root", "--wd=/"]
        return ["nsenter", *namespaces, f"--setuid={user_id}", f"--setgid={user_id}", "--", *command]

    def path(self, inside: str) -> Path:
        """Return the path from outside of a file of the root; absolute links do not work."""
        return Path(f"/proc/{self._holder.pid}/root") / inside

    def processes(self) -> list[psutil.Process]:
        """The processes inside, without the process that holds the namespaces."""
        ours = namespace(self._holder)
        assert ours is not None, "the process that holds the namespaces is gone"
        found = [process for process in psutil.process_iter() if namespace(process) == ours]
        return [process for process in found if process != self._holder and is_alive(process)]


def namespace(process: psutil.Process) -> Path | None:
    """The process namespace that a process lives in; None when it is gone."""
    try:
        return Path(f"/proc/{process.pid}/ns/pid").readlink()
    except OSError:
        return None


def why_no_desktop_root() -> str | None:
    """Return why the root cannot be made here, None when it can."""
    if sys.platform != "linux":
        return "a Debian root runs on Linux only"
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"needs {', '.join(missing)}"
    return None if os.geteuid() == 0 else "debootstrap needs root"


@contextmanager
def desktop_root(depends: str, kept: str, layer: Path) -> Iterator[DesktopRoot]:
    """A root with the packages of `depends` (a package's field), and `kept` (names of packages) at hand.

    `layer` is an empty folder. The root is locked during the block, and programs inside are killed at its end.
    """
    place = cache_directory() / "desktop-root"
    place.mkdir(parents=True, exist_ok=True)
    with exclusive(place / "lock", "Waiting for another program that uses the same root"):
        root = ensure_root(place, depends, kept)
        command = ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "--"]
        command += ["sh", "-ec", ENTER, "enter", str(root), str(layer), X_SOCKETS]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            (holder,) = psutil.Process(process.pid).children()
            yield DesktopRoot(holder)
            # With its input closed, the first process ends, and the system kills all others of the process namespace.


def ensure_root(place: Path, depends: str, kept: str) -> Path:
    """Return the root, of this system's release; make it again when its ingredients have changed."""
    root, stamp = place / "root", place / "made-of"
    made_of = f"{release()}\n{depends}\n{kept}\n{MAKE}"
    if stamp.is_file() and stamp.read_text("utf-8") == made_of:
        return root
    stamp.unlink(missing_ok=True)
    shutil.rmtree(root, ignore_errors=True)
    bootstrap = ["debootstrap", "--variant=minbase", release(), str(root), apt_mirror()]
    done = run_showing_life(f"Making a Debian {release()} (once)", bootstrap, timeout=LIMIT)
    assert done.exit_code == 0, done.output
    (root / "etc/apt/sources.list").write_text(sources(), "utf-8")
    make = ["unshare", "--mount", "--", "sh", "-ec", MAKE, "make", str(root), depends, kept, str(USER_ID), USER]
    done = run_showing_life("Installing what the package depends on (once)", make, timeout=LIMIT)
    assert done.exit_code == 0, done.output
    stamp.write_text(made_of, "utf-8")
    return root


def sources() -> str:
    """Return the sources of this system's apt for Debian's packages, with the release's updates."""
    command = ["apt-get", "indextargets", "--format", "deb $(SITE) $(RELEASE) $(COMPONENT)"]
    command += ["Created-By: Packages", "Origin: Debian"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
