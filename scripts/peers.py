"""The WebRTC stacks of other projects for tests/receivers: their availability here, and the build of the pion one."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

from environment import ROOT, EnvironmentFailedError
from go_programs import ensure_go_program, why_no_go
from node_packages import why_no_node

PEERS = ("webrtcbin", "pion", "aiortc", "libdatachannel", "werift")
PION = "CAMERA_SIDECAR_TEST_PION"
"""The environment variable that names the receiver on pion; scripts/test.py builds it."""

PION_SOURCE = ROOT / "tests" / "receivers" / "pion"
DEBIAN_PYTHON = "/usr/bin/python3"


@cache
def why_not(peer: str) -> str | None:
    """Return why a peer cannot run here, None when it can."""
    if peer == "webrtcbin":
        return why_no_webrtcbin()
    if peer == "pion":
        return why_no_go(PION_SOURCE) or (
            None if PION in os.environ else "scripts/test.py has not built the receiver on pion"
        )
    if peer in ("libdatachannel", "werift"):
        is_installed = "CAMERA_SIDECAR_TEST_NODE_MODULES" in os.environ
        return why_no_node() or (None if is_installed else "scripts/test.py has not installed the npm packages")
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
        if why_no_go(PION_SOURCE) is None:
            os.environ[PION] = str(ensure_go_program(PION_SOURCE, "receiver"))
    except EnvironmentFailedError as error:
        print(error, flush=True)
    why_not.cache_clear()
