"""Network cameras: rtsp: sources."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sidecar.cameras.device import Device, RequestedFormat
from sidecar.cameras.policy import RtspPolicy
from sidecar.cameras.providers.provider import SourceProvider

if TYPE_CHECKING:
    from sidecar.cameras.camera import Camera
    from sidecar.cameras.sources.allowed import AllowedSources


class NetworkCameras(SourceProvider):
    """Cameras that send RTP under RTSP (RFC 2326)."""

    scheme = "rtsp"
    stall_limit = 15.0  # the client has its own limit of 5 s of silence, and some cameras send a keyframe every 10 s

    def __init__(self, allowed: Callable[[], AllowedSources], policy: RtspPolicy) -> None:
        super().__init__(allowed)
        self._policy = policy

    def named(self, device_id: str) -> Device:
        return self.resolve(device_id)

    def resolve_by_text(self, device_id: str) -> Device | None:
        return self.resolve(device_id)

    def resolve(self, device_id: str) -> Device:
        allowed = self._allowed()
        source = allowed.check_rtsp(device_id)
        return self._device(allowed.id_of(source), f"rtsp://{source.place}", source)

    def prepare(self, device: Device) -> None:
        from sidecar.cameras.rtsp import camera  # noqa: F401

    def open(self, device: Device, requested: RequestedFormat) -> Camera:
        from sidecar.cameras.rtsp.camera import open_camera
        from sidecar.cameras.sources.rtsp_url import RtspSource

        assert isinstance(device.source, RtspSource), "every network camera has its source"
        return open_camera(device.name, device.source, self._allowed().check_redirect, self._policy)
