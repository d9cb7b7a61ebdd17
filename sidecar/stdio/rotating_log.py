"""The handler of the log file."""

from __future__ import annotations

from io import TextIOWrapper
from logging.handlers import RotatingFileHandler

from sidecar.stdio.log_file import FILE_BYTES, FILES, open_private


class RotatingLog(RotatingFileHandler):
    """Writes FILES files in turn, each readable by its owner only from the moment it is created."""

    def __init__(self, path: str) -> None:
        super().__init__(path, maxBytes=FILE_BYTES, backupCount=FILES - 1, encoding="utf-8")

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, opener=open_private)
