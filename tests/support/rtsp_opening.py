"""Opens the cameras of these tests through the catalogue."""

from __future__ import annotations

from sidecar.cameras.camera import Camera
from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import RequestedFormat


def opened(url: str, *patterns: str) -> Camera:
    """The camera of a URL, which one of the patterns allows."""
    catalogue = Catalogue(patterns or ("rtsp://127.0.0.1:*/*", "rtsp://[::1]:*/*", "rtsp://camera.invalid/*"))
    return catalogue.open(catalogue.resolve(url), RequestedFormat())
