"""Opens the network cameras of these tests."""

from __future__ import annotations

from sidecar.cameras.camera import Camera
from sidecar.cameras.policy import RtspPolicy
from sidecar.cameras.rtsp.camera import open_camera
from sidecar.cameras.sources.allowed import AllowedSources

LOOPBACK = ("rtsp://127.0.0.1:*/*", "rtsp://[::1]:*/*", "rtsp://camera.invalid/*")


def opened(url: str, *patterns: str, policy: RtspPolicy | None = None) -> Camera:
    """Open the camera of a URL that one of the patterns allows."""
    allowed = AllowedSources(patterns or LOOPBACK)
    source = allowed.check_rtsp(url)
    return open_camera(f"rtsp://{source.place}", source, allowed.check_redirect, policy)
