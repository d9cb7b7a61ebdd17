"""Why a camera does not open: from an error number of the system to an error of the contract."""

from __future__ import annotations

import errno
import os
import sys

from sidecar.cameras.device import Device
from sidecar.contract.errors import (
    CameraBusyError,
    CameraFailedError,
    CameraNotFoundError,
    CameraPermissionDeniedError,
    ContractError,
)

GONE = (errno.ENOENT, errno.ENODEV, errno.ENXIO)
FORBIDDEN = (errno.EACCES, errno.EPERM)
LINUX_PERMISSION_HINT = (
    "Add your user to the group that owns the camera (mostly: sudo usermod -aG video $USER), then log in again."
)


def open_error(device: Device, code: int | None) -> ContractError:
    """The error to raise after a backend failed to open `device` with the error number `code`, if it told one."""
    if sys.platform == "linux":
        code = _ask_linux(device.address) or code
    if code in GONE:
        return CameraNotFoundError(f"{device.name} is no longer there.")
    if code in FORBIDDEN:
        return permission_error(device)
    if code == errno.EBUSY:
        return busy_error(device)
    reason = f": {os.strerror(code)}" if code and 0 < code < 1000 else ""
    return CameraFailedError(f"{device.name} did not open{reason}.")


def permission_error(device: Device) -> CameraPermissionDeniedError:
    """The system forbids this process to use `device`."""
    hint = LINUX_PERMISSION_HINT if sys.platform == "linux" else None
    return CameraPermissionDeniedError(f"The system does not let this program use {device.name}.", hint=hint)


def busy_error(device: Device) -> CameraBusyError:
    """Another program uses `device`; named where the system tells."""
    if sys.platform == "linux":
        from sidecar.cameras.linux.holders import holder_of

        holder = holder_of(device.address)
        if holder is not None:
            return CameraBusyError(
                f"{device.name} is in use by {holder.name}.",
                hint=f"Close {holder.name} (process {holder.pid}), then try again.",
                details={"holder": {"name": holder.name, "pid": holder.pid}},
            )
    return CameraBusyError(f"{device.name} is in use by another program.")


def lost_error(device: Device, code: int | None) -> CameraFailedError:
    """An open camera stopped with the error number `code`, if its library told one."""
    if code in GONE or (sys.platform == "linux" and _ask_linux(device.address) in GONE):
        return CameraFailedError(f"{device.name} was unplugged.", hint="Plug the camera in again.")
    return CameraFailedError(f"{device.name} stopped giving pictures.")


def _ask_linux(address: str) -> int | None:
    """What the device itself says when it is opened for a moment; None when nothing is wrong with it."""
    if sys.platform != "linux":
        return None
    from sidecar.cameras.linux import v4l2

    try:
        with v4l2.opened(address) as descriptor:
            v4l2.identity(descriptor)
            return errno.EBUSY if v4l2.is_busy(descriptor) else None
    except OSError as error:
        return error.errno
