"""The Debian packages that `scripts/test.py --all` and the build of the app need, and their installation.

python3 scripts/debian.py --app    as root: the packages for scripts/build_app.py
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from environment import EnvironmentFailedError
from node_packages import why_no_node
from progress import run_showing_life

APP_PACKAGES = (
    "build-essential",  # linker
    "pkg-config",  # paths of the libraries
    "libwebkit2gtk-4.1-dev",  # webview
    "librsvg2-dev",  # icons of the package
)
"""What the build of the Tauri app needs."""

PACKAGES = (
    "chromium",  # the browser tests
    "coturn",  # a real STUN and TURN server
    "gir1.2-gst-plugins-bad-1.0",  # GStreamer's webrtcbin, a receiver without a browser: type information
    "gstreamer1.0-libav",  # webrtcbin: H.264 decoder
    "gstreamer1.0-nice",  # webrtcbin: ICE
    "gstreamer1.0-plugins-bad",  # webrtcbin: the element
    "gstreamer1.0-plugins-good",  # webrtcbin: RTP
    "python3-gi",  # webrtcbin: Python bindings
    "iproute2",  # network namespaces
    "busybox-static",  # the camera machine: init and shell
    "kmod",  # the camera machine: dependencies of kernel modules
    "qemu-system-x86",  # the camera machine: the emulator
    "binutils",  # PyInstaller, and the stripping of its bundles
    "debootstrap",  # a bare Debian for the frozen programs, and one for the app's package
    *APP_PACKAGES,
    "xvfb",  # a screen in memory
    "dbus",  # the webview's session bus
    "xdotool",  # mouse clicks on the screen
    "webkit2gtk-driver",  # WebDriver for WebKitGTK
    "gstreamer1.0-plugins-base",  # WebKitGTK: video
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",  # WebKitGTK: H.264, which either of these two packages decodes
    "gstreamer1.0-libav",
    "v4l-utils",  # the camera machine: the driver's state, read by an independent program
)
# Go for the receiver on pion and for actionlint (Debian 12 has an older one) and Rust have to be on the PATH already.
LIMIT = 1200.0  # seconds for one apt-get


def install_packages(packages: Sequence[str] = PACKAGES) -> None:
    """Install the missing ones of the packages, and Node if it is missing; raises EnvironmentFailedError."""
    wanted = [*packages, *(["nodejs", "npm"] if why_no_node() else [])]
    missing = [package for package in wanted if not is_installed(package)]
    if not missing:
        return
    if sys.platform != "linux" or shutil.which("apt-get") is None or os.geteuid() != 0:
        raise EnvironmentFailedError(f"Debian and root are needed to install {', '.join(missing)}.")
    apt_get("Reading Debian's list of packages", ["update"])
    apt_get(f"Installing {', '.join(missing)}", ["install", "--yes", "--no-install-recommends", *missing])


def is_installed(package: str) -> bool:
    """Return whether dpkg lists the package as installed."""
    command = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}", package]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout == "installed"
    except FileNotFoundError:
        return False


def apt_get(title: str, arguments: Sequence[str]) -> None:
    """Run apt-get without questions; raises EnvironmentFailedError."""
    # RUNLEVEL=1 keeps packages from starting services: coturn's would take the port of a real server.
    settings = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"]
    done = run_showing_life(title, [*settings, "apt-get", "--quiet", *arguments], timeout=LIMIT)
    if done.exit_code != 0:
        raise EnvironmentFailedError(f"{done.output[-3000:]}\napt-get {arguments[0]} failed.")


def main() -> None:
    """Install the packages for the app's build."""
    parser = argparse.ArgumentParser(description="Install Debian packages, as root.")
    parser.add_argument("--app", action="store_true", required=True, help="those for the build of the Tauri app")
    parser.parse_args()
    try:
        install_packages(APP_PACKAGES)
    except EnvironmentFailedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
