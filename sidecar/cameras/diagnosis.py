"""Errors of the contract for cameras that do not open, or that are lost, from the error numbers of the system."""

from __future__ import annotations

import errno
import os

from sidecar.cameras.device import Device
from sidecar.cameras.platforms import current_platform
from sidecar.contract.errors import (
    CameraBusyError,
    CameraFailedError,
    CameraNotFoundError,
    CameraPermissionDeniedError,
    ContractError,
)

GONE = (errno.ENOENT, errno.ENODEV, errno.ENXIO)
FORBIDDEN = (errno.EACCES, errno.EPERM)


def open_error(device: Device, code: int | None) -> ContractError:
    """Return the error after a backend failed to open `device`, with the error number `code` where it gave one."""
    code = current_platform().device_errno(device.address) or code
    if code in GONE:
        return CameraNotFoundError(f"{device.name} is no longer connected.")
    if code in FORBIDDEN:
        return _permission_error(device)
    if code == errno.EBUSY:
        return _busy_error(device)
    reason = f": {os.strerror(code)}" if code and 0 < code < 1000 else ""
    return CameraFailedError(f"{device.name} did not open{reason}.")


def lost_error(device: Device, code: int | None) -> CameraFailedError:
    """Return the error after an open camera stopped, with the error number `code` where its library gave one."""
    if code in GONE or current_platform().device_errno(device.address) in GONE:
        return CameraFailedError(f"{device.name} was unplugged.", hint="Plug the camera in again.")
    return CameraFailedError(f"{device.name} stopped delivering pictures.")


def _permission_error(device: Device) -> CameraPermissionDeniedError:
    hint = current_platform().permission_hint
    return CameraPermissionDeniedError(f"The system does not let this program use {device.name}.", hint=hint)


def _busy_error(device: Device) -> CameraBusyError:
    holder = current_platform().holder_of(device.address)
    if holder is None:
        return CameraBusyError(f"{device.name} is in use by another program.")
    return CameraBusyError(
        f"{device.name} is in use by {holder.name}.",
        hint=f"Close {holder.name} (process {holder.pid}), then try again.",
        details={"holder": {"name": holder.name, "pid": holder.pid}},
    )
