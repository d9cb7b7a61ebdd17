"""Cameras and formats as models of the contract."""

from __future__ import annotations

from sidecar.cameras.device import Device, Format
from sidecar.contract.types import Camera, CameraFormat


def describe(device: Device) -> Camera:
    """Return the device as get_available_cameras lists it."""
    return Camera(
        device_id=device.device_id,
        name=device.name,
        description=device.description,
        kind=device.kind,
        is_available=device.is_available,
        formats=[describe_format(each) for each in device.formats],
        platform=device.platform,
    )


def describe_format(each: Format) -> CameraFormat:
    """Return a format, listed or in force, as a model of the contract."""
    return CameraFormat(width=each.width, height=each.height, fps=each.fps, pixel_format=each.pixel_format)
