"""The camera machine: a small virtual machine with two V4L2 cameras, for machines that have none.

Debian's kernel runs in QEMU, by plain emulation (the same everywhere, without access to KVM), with the
kernel's own test driver `vivid` loaded twice. The guest sees this machine's files at their own paths, read-only under a
layer that is thrown away: the virtual environment and the checkout run in it as they are. It has no disk,
and no network but its loopback, which bears a second address because ICE agents leave 127.0.0.1 out.

    python tests/camera_vm/machine.py v4l2-ctl --list-devices       (with scripts/ on the PYTHONPATH)
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from environment import COMPLETE, ROOT, cache_directory, exclusive

MODULES = ("virtio_pci", "9pnet_virtio", "9p", "overlay", "vivid")
VIVID = "n_devs=2 node_types=0x1,0x1 num_inputs=1,1 input_types=0x0,0x0"  # two webcams, capture only
MEMORY = "3G"  # the layer over the files lives in it too
SHARE = "/run/camera-machine"  # the writable folder, as the guest sees it
PACKAGE_LIMIT = 600.0  # seconds for one step of fetching and unpacking the kernel
POLL = 0.1  # seconds between two reads of the guest's files: the share is the only link to the guest
OUTPUT_KEPT = 100_000  # characters of the end of a command's output
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Runs as the guest's first process, from the initial RAM disk. @MODULES@ and @VIVID@ are filled in.
INIT = """#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
for module in @MODULES@; do
  options=""
  [ $module = vivid.ko ] && options="@VIVID@"
  $b insmod /modules/$module $options || echo "insmod $module failed"
done
$b mkdir -p /lower /layer /share
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose root /lower
$b mount -t 9p -o trans=virtio,version=9p2000.L,rw,msize=512000,cache=none share /share
$b mount -t tmpfs -o size=90% layer /layer
$b mkdir /layer/upper /layer/work
$b mount -t overlay -o lowerdir=/lower,upperdir=/layer/upper,workdir=/layer/work overlay /new
$b mount -t proc proc /new/proc
$b mount -t sysfs sys /new/sys
$b mount -t devtmpfs dev /new/dev
$b mkdir -p /new/dev/shm /new/dev/pts
$b mount -t tmpfs shm /new/dev/shm
$b mount -t devpts pts /new/dev/pts
$b ln -s /proc/self/fd /new/dev/fd
$b mount -t tmpfs run /new/run
$b mkdir /new@SHARE@
$b mount -o bind /share /new@SHARE@
$b ip link set lo up
$b ip addr add 10.99.0.1/32 dev lo
$b chroot /new /bin/sh @SHARE@/command > /share/output 2>&1 < /new/dev/null
$b echo $? > /share/exit_code.new
$b mv /share/exit_code.new /share/exit_code
$b poweroff -f
"""


class CameraMachineError(Exception):
    """The machine cannot be made or did not do its work; the text says why."""


@dataclass(frozen=True)
class Finished:
    """A command that ended in the machine. `output` is the end of its standard output and error together."""

    exit_code: int
    output: str


def why_no_camera_machine() -> str | None:
    """Return why the machine cannot be made here, None when it can."""
    if sys.platform != "linux":
        return "the camera machine needs Debian on amd64"
    tools = ("qemu-system-x86_64", "busybox", "modprobe", "depmod", "setpriv", "dpkg", "apt-get", "apt-cache")
    missing = [name for name in tools if find_tool(name) is None]
    return f"the camera machine needs {', '.join(missing)}" if missing else None


def run_in_camera_machine(
    command: Sequence[str], timeout: float = 300.0, *, environment: Mapping[str, str] | None = None
) -> Finished:
    """Boot the machine, run one command in it as root in the checkout's root, and wait for its end.

    Booting takes some 10 s, and everything runs several times slower than outside. Raises CameraMachineError when the
    machine does not come up or the command has not ended after `timeout` seconds.
    """
    with CameraMachine(command, environment=environment) as machine:
        return machine.wait(timeout)


class CameraMachine:
    """A machine that runs one command; leaving the context ends it.

    `share` is a folder that the guest can write to: it sees it as SHARE.
    """

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> None:
        self._command = command
        self._environment = {"HOME": str(Path.home()), "LANG": "C.UTF-8", **(environment or {})}
        self._folder = tempfile.TemporaryDirectory(prefix="camera-machine-")
        self._process: subprocess.Popen[bytes] | None = None
        self.share = Path(self._folder.name) / "share"

    def __enter__(self) -> CameraMachine:
        try:
            self.start()
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Boot it; returns at once. Raises CameraMachineError."""
        reason = why_no_camera_machine()
        if reason:
            raise CameraMachineError(reason)
        boot = ensure_boot_files()
        self.share.mkdir()
        exports = [f"export {name}={shlex.quote(value)}" for name, value in self._environment.items()]
        script = [f"export PATH={PATH}", *exports, f"cd {shlex.quote(str(ROOT))}", f"exec {shlex.join(self._command)}"]
        (self.share / "command").write_text("\n".join(script) + "\n", encoding="utf-8")
        with (Path(self._folder.name) / "console").open("wb") as console:
            self._process = subprocess.Popen(
                qemu_command(boot, self.share), stdin=subprocess.DEVNULL, stdout=console, stderr=console
            )

    def close(self) -> None:
        """Kill the machine and remove its files."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    @property
    def running(self) -> bool:
        """Whether the guest has neither ended nor died."""
        return self._process is not None and self._process.poll() is None

    @property
    def output(self) -> str:
        """The end of the command's output so far."""
        return tail(self.share / "output")

    def wait(self, timeout: float) -> Finished:
        """Wait for the command's end; raises CameraMachineError when there is none in time."""
        deadline = time.monotonic() + timeout
        while self.running and time.monotonic() < deadline:
            time.sleep(POLL)
        exit_code = self.share / "exit_code"
        if exit_code.exists():
            return Finished(int(exit_code.read_text()), self.output)
        what = f"did not end within {timeout:.0f} s" if self.running else "died"
        raise CameraMachineError(f"The camera machine {what}.\n{self.describe()}")

    def describe(self) -> str:
        """The ends of the command's output and of the guest's console, for error messages."""
        console = tail(Path(self._folder.name) / "console")
        return f"Output:\n{self.output[-4000:]}\nConsole:\n{console[-4000:]}"


def qemu_command(boot: Path, share: Path) -> list[str]:
    """QEMU's command line; it dies with this process, even when that is killed."""
    shares = [
        "local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap",
        f"local,path={share},mount_tag=share,security_model=none",
    ]
    return [
        *("setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64"),
        *("-accel", "tcg,thread=multi", "-cpu", "max", "-m", MEMORY, "-smp", "2"),
        *("-kernel", str(boot / "vmlinuz"), "-initrd", str(boot / "initramfs.gz")),
        *("-append", "console=ttyS0 quiet panic=-1 tsc=unstable"),
        *(word for one in shares for word in ("-virtfs", one)),
        *("-nographic", "-no-reboot", "-nic", "none"),
    ]


def tail(path: Path) -> str:
    """Return the end of a text file that may still grow; empty when the file does not exist yet.

    Escape characters are removed: the firmware's would clear the reader's terminal.
    """
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - OUTPUT_KEPT))
            return file.read().decode("utf-8", "replace").replace("\x1b", "")
    except FileNotFoundError:
        return ""


# -- the kernel and the initial RAM disk, made once -------------------------------------------------------------------


def ensure_boot_files() -> Path:
    """The folder with `vmlinuz` and `initramfs.gz`; fetches Debian's kernel package the first time."""
    recipe = hashlib.sha256(repr((INIT, MODULES, VIVID)).encode()).hexdigest()[:12]
    folder = cache_directory() / "camera-machine" / recipe
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder.with_suffix(".lock"), "Waiting for another program that makes the camera machine"):
        if not (folder / COMPLETE).is_file():
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix="kernel-") as temporary:
                kernel = fetch_kernel(Path(temporary))
                make_boot_files(kernel, folder)
            (folder / COMPLETE).touch()
    return folder


def fetch_kernel(folder: Path) -> Path:
    """Fetch and unpack the kernel package that Debian's linux-image-amd64 stands for."""
    depends = run(["apt-cache", "depends", "linux-image-amd64"], folder)
    packages = [line.split()[-1] for line in depends.splitlines() if "Depends: linux-image-" in line]
    if not packages:
        raise CameraMachineError("Debian's package linux-image-amd64 is not known here: run apt-get update first.")
    run(["apt-get", "download", packages[0]], folder)
    package = next(folder.glob("*.deb"))
    kernel = folder / "kernel"
    run(["dpkg", "-x", str(package), str(kernel)], folder)
    return kernel


def make_boot_files(kernel: Path, folder: Path) -> None:
    """Make the initial RAM disk with the modules for the host's files and for cameras."""
    version = next((kernel / "lib/modules").iterdir()).name
    run(["depmod", "-b", str(kernel), version], kernel)
    modules: dict[str, bytes] = {}  # in the order in which they are loaded
    for module in MODULES:
        needed = run(["modprobe", "-d", str(kernel), "-S", version, "--show-depends", module], kernel)
        for line in needed.splitlines():
            if line.startswith("insmod "):
                path = Path(line.split()[1])
                modules.setdefault(path.name.removesuffix(".xz"), read_module(path))
    init = INIT.replace("@MODULES@", " ".join(modules)).replace("@VIVID@", VIVID).replace("@SHARE@", SHARE)
    busybox = find_tool("busybox")
    assert busybox is not None
    files = {"init": init.encode(), "bin/busybox": Path(busybox).read_bytes()}
    files |= {f"modules/{name}": content for name, content in modules.items()}
    archive = cpio_archive(["bin", "modules", "new", "proc", "sys"], files)
    (folder / "initramfs.gz").write_bytes(gzip.compress(archive, compresslevel=1))
    shutil.copyfile(next((kernel / "boot").glob("vmlinuz-*")), folder / "vmlinuz")


def read_module(path: Path) -> bytes:
    """A kernel module, unpacked (newer Debian packs them)."""
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def cpio_archive(folders: Sequence[str], files: Mapping[str, bytes]) -> bytes:
    """A cpio archive in the "new ASCII" format that the kernel unpacks; every file may be executed."""
    entries = [(name, 0o040755, b"") for name in folders] + [(name, 0o100755, data) for name, data in files.items()]
    archive = bytearray()
    for number, (name, mode, data) in enumerate([*entries, ("TRAILER!!!", 0, b"")], 1):
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        archive += b"070701" + b"".join(b"%08x" % value for value in fields) + name.encode() + b"\0"
        archive += bytes(-len(archive) % 4)
        archive += data
        archive += bytes(-len(archive) % 4)
    return bytes(archive)


def find_tool(name: str) -> str | None:
    """A program, looked for in the administrator's folders too."""
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), PATH)))


def run(command: Sequence[str], folder: Path) -> str:
    """Run a tool and return its output; raises CameraMachineError when it fails."""
    program = find_tool(command[0]) or command[0]
    done = subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C"},  # its output is read
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PACKAGE_LIMIT,
        check=False,
    )
    if done.returncode != 0:
        raise CameraMachineError(f"{shlex.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    finished = run_in_camera_machine(sys.argv[1:])
    sys.stdout.write(finished.output)
    sys.exit(finished.exit_code)
