"""What `scripts/test.py --all` needs of Debian, installed as root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from environment import EnvironmentFailedError
from node_packages import why_no_node
from progress import run_showing_life

PACKAGES = (
    "chromium",  # the browser tests
    "coturn",  # a real STUN and TURN server
    "gir1.2-gst-plugins-bad-1.0",  # GStreamer's webrtcbin, a receiver that is no browser: its types
    "gstreamer1.0-libav",  # the same: its H.264 decoder
    "gstreamer1.0-nice",  # the same: its ICE
    "gstreamer1.0-plugins-bad",  # the same: itself
    "gstreamer1.0-plugins-good",  # the same: its RTP
    "python3-gi",  # the same: the language it is driven in
    "iproute2",  # network namespaces
    "busybox-static",  # the camera machine: its first program
    "kmod",  # the camera machine: which modules need which
    "qemu-system-x86",  # the camera machine itself
    "binutils",  # PyInstaller and what strips its bundles
    "debootstrap",  # a bare Debian to try them in, and one for the app's package
    "build-essential",  # the Tauri app: what Rust links with
    "pkg-config",  # the Tauri app: where the libraries are
    "libwebkit2gtk-4.1-dev",  # the Tauri app: its webview
    "librsvg2-dev",  # the Tauri app: its package's icons
    "xvfb",  # a screen in memory
    "dbus",  # the webview's session
    "xdotool",  # a click on it
    "webkit2gtk-driver",  # WebKitGTK driven from outside
    "gstreamer1.0-plugins-base",  # WebKitGTK's video
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",  # its H.264: either of these two decodes
    "gstreamer1.0-libav",
    "v4l-utils",  # the camera machine: what the driver says, told by another program
)
# The receiver on pion needs a newer Go than Debian 12 has (peers.OLDEST_GO): it has to be on the PATH, as Rust has to.
LIMIT = 1200.0  # seconds, for one apt-get


def install_packages() -> None:
    """Install what is missing of PACKAGES; raises EnvironmentFailedError."""
    wanted = [*PACKAGES, *(["nodejs", "npm"] if why_no_node() else [])]
    missing = [package for package in wanted if not is_installed(package)]
    if not missing:
        return
    if sys.platform != "linux" or shutil.which("apt-get") is None or os.geteuid() != 0:
        raise EnvironmentFailedError(f"--all installs {', '.join(missing)}: it needs Debian and root.")
    apt_get("Reading Debian's list of packages", ["update"])
    apt_get(f"Installing {', '.join(missing)}", ["install", "--yes", "--no-install-recommends", *missing])


def is_installed(package: str) -> bool:
    """Whether dpkg has the package, configured."""
    command = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}", package]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout == "installed"
    except FileNotFoundError:
        return False


def apt_get(title: str, arguments: Sequence[str]) -> None:
    """Run apt-get without questions; raises EnvironmentFailedError."""
    # With RUNLEVEL=1 no package starts its service: coturn would take the port of a real server.
    settings = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"]
    done = run_showing_life(title, [*settings, "apt-get", "--quiet", *arguments], timeout=LIMIT)
    if done.exit_code != 0:
        raise EnvironmentFailedError(f"{done.output[-3000:]}\napt-get {arguments[0]} failed.")
