"""Video files: file: sources."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from sidecar.cameras.device import Device, RequestedFormat
from sidecar.cameras.providers.provider import SourceProvider

if TYPE_CHECKING:
    from sidecar.cameras.camera import Camera


class Files(SourceProvider):
    """Video files that play in a loop. A file is listed without a look at the file system."""

    scheme = "file"
    stall_limit = 6.0  # two frames of a file may be 2 s apart, and a disk may have to start
    touches_files = True

    def named(self, device_id: str) -> Device:
        return self._device(device_id, re.split(r"[/\\]", device_id)[-1])

    def resolve_by_text(self, device_id: str) -> Device | None:
        self._allowed().refuse_text(device_id)
        return None

    def resolve(self, device_id: str) -> Device:
        source = self._allowed().check_file(device_id)
        return self._device(device_id, source.display, source)

    def prepare(self, device: Device) -> None:
        from sidecar.cameras.files import camera  # noqa: F401

    def open(self, device: Device, requested: RequestedFormat) -> Camera:
        from sidecar.cameras.files.camera import open_file
        from sidecar.cameras.sources.file_path import FileSource
        from sidecar.cameras.sources.opened_file import open_checked

        assert isinstance(device.source, FileSource), "a listed file is resolved before it is opened"
        return open_file(device.name, partial(open_checked, device.source))
