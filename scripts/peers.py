"""The WebRTC stacks of other projects for tests/receivers: their availability here, and the build of the pion one."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from environment import COMPLETE, ROOT, EnvironmentFailedError, cache_directory, exclusive
from node_packages import why_no_node
from progress import run_showing_life

PEERS = ("webrtcbin", "pion", "aiortc", "libdatachannel", "werift")
PION = "CAMERA_SIDECAR_TEST_PION"
"""The environment variable that names the receiver on pion; scripts/test.py builds it."""

PION_SOURCE = ROOT / "tests" / "receivers" / "pion"
OLDEST_GO = (1, 24)
"""The release that pion's packages need. Debian 12 has 1.19: a newer one has to be put on the PATH."""

DEBIAN_PYTHON = "/usr/bin/python3"
BUILD_LIMIT = 600.0  # seconds


@cache
def why_not(peer: str) -> str | None:
    """Return why a peer cannot run here, None when it can."""
    if peer == "webrtcbin":
        return why_no_webrtcbin()
    if peer == "pion":
        return why_no_go() or (None if PION in os.environ else "scripts/test.py has not built the receiver on pion")
    if peer in ("libdatachannel", "werift"):
        is_installed = "CAMERA_SIDECAR_TEST_NODE_MODULES" in os.environ
        return why_no_node() or (None if is_installed else "scripts/test.py has not installed the npm packages")
    return None


def why_no_go() -> str | None:
    """Return why Go cannot build the receiver on pion, None when it can."""
    go = shutil.which("go")
    oldest = ".".join(map(str, OLDEST_GO))
    if go is None:
        return f"Go {oldest} or newer is not installed: https://go.dev/dl has it"
    answer = subprocess.run([go, "version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"\bgo(\d+)\.(\d+)", answer)
    if version is None or (int(version[1]), int(version[2])) < OLDEST_GO:
        return f"Go {oldest} or newer is needed (https://go.dev/dl), this is {answer.strip() or 'broken'}"
    return None


def why_no_webrtcbin() -> str | None:
    """Return why Debian's own Python cannot drive GStreamer's webrtcbin here, None when it can."""
    look = "import gi; gi.require_version('GstWebRTC', '1.0'); gi.require_version('Gst', '1.0')"
    look += "; from gi.repository import Gst; Gst.init(None)"
    look += "; assert all(map(Gst.ElementFactory.find, ['webrtcbin', 'nicesrc', 'rtph264depay', 'avdec_h264']))"
    if Path(DEBIAN_PYTHON).exists():
        done = subprocess.run([DEBIAN_PYTHON, "-c", look], capture_output=True, check=False)
        if done.returncode == 0:
            return None
    return "GStreamer's webrtcbin is not installed"


def prepare_peers() -> None:
    """Build the receiver on pion, if Go is there, and name it in the environment; a failure is printed."""
    try:
        if why_no_go() is None:
            os.environ[PION] = str(ensure_pion())
    except EnvironmentFailedError as error:
        print(error, flush=True)
    why_not.cache_clear()


def ensure_pion() -> Path:
    """Build the receiver on pion, once and outside of the checkout, and return it. Raises EnvironmentFailedError."""
    sources = sorted(path for path in PION_SOURCE.iterdir() if path.is_file())
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    folder = cache_directory() / "pion" / digest
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / ("receiver.exe" if os.name == "nt" else "receiver")
    with exclusive(folder.with_suffix(".lock"), "Waiting for another program that builds the receiver on pion"):
        if not (folder / COMPLETE).is_file():
            command = ["go", "build", "-mod=readonly", "-o", str(program), "."]
            title = "Building the receiver on pion (once)"
            done = run_showing_life(title, command, timeout=BUILD_LIMIT, folder=PION_SOURCE)
            if done.exit_code != 0:
                raise EnvironmentFailedError(f"{done.output[-3000:]}\ngo build failed. Is the network there?")
            (folder / COMPLETE).touch()
    return program
