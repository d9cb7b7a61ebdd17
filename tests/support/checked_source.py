"""The check of a source by its scheme, as the providers of files and of network cameras divide it."""

from __future__ import annotations

from sidecar.cameras.sources.allowed import AllowedSources, Source
from sidecar.cameras.sources.syntax import scheme_of


def check(sources: AllowedSources, device_id: str) -> Source:
    """Return the source of a file: or rtsp: id. Raises as AllowedSources.check_file and check_rtsp."""
    return sources.check_file(device_id) if scheme_of(device_id) == "file" else sources.check_rtsp(device_id)
