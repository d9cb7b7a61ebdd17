"""JPEG in RTP (RFC 2435). The packets omit the headers of the JPEG file, which are restored here."""

from __future__ import annotations

import struct
from typing import Final

from sidecar.cameras.rtsp.depacketise.depacketiser import Depacketiser
from sidecar.cameras.rtsp.depacketise.jpeg_tables import HUFFMAN_TABLES, scaled_tables
from sidecar.cameras.rtsp.description import VideoDescription

_HEADER: Final = 8
_IN_BAND: Final = 128
"""The first value of Q with quantisation tables in the stream; with 255 each picture has its own tables."""

_MAX_TABLES: Final = 4 * 128
_END_OF_IMAGE: Final = b"\xff\xd9"


class JpegDepacketiser(Depacketiser):
    """Types 0, 1, 64 and 65 (sections 3.1.3 and 4.1): baseline, 4:2:2 or 4:2:0. A picture with a gap is dropped."""

    def __init__(self, description: VideoDescription) -> None:
        super().__init__()
        self._size = description.size
        self._known_tables: dict[int, bytes] = {}
        self._expected: int | None = None

    def _take(self, payload: bytes) -> list[bytes]:
        if len(payload) < _HEADER:
            self._drop()
            return []
        offset, kind, quality = int.from_bytes(payload[1:4]), payload[4], payload[5]
        if offset == 0:
            self._begin(payload, kind, quality)
        elif offset == self._expected:
            scan = payload[_HEADER + (4 if kind >= 64 else 0) :]
            self._append(scan)
            self._expected += len(scan)
        else:
            self._drop()
        return []

    def _begin(self, payload: bytes, kind: int, quality: int) -> None:
        self._drop()
        at, restart = _HEADER, 0
        if kind >= 64:
            if len(payload) < at + 4:
                return
            restart, at = int.from_bytes(payload[at : at + 2]), at + 4
        tables, at = self._tables(payload, at, quality)
        if kind & 63 > 1 or kind >= 128 or tables is None:
            return
        width, height = self._dimensions(payload[6], payload[7])
        self._append(_file_header(width, height, kind & 63, tables, restart), payload[at:])
        self._expected = len(payload) - at

    def _tables(self, payload: bytes, at: int, quality: int) -> tuple[bytes | None, int]:
        """Return the quantisation tables, or None for missing or damaged ones, and the start of the scan."""
        if quality < _IN_BAND:
            return (scaled_tables(quality) if 1 <= quality <= 99 else None), at
        if len(payload) < at + 4:
            return None, at
        precision, length = payload[at + 1], int.from_bytes(payload[at + 2 : at + 4])
        at += 4
        if length == 0:
            return self._known_tables.get(quality), at
        tables = payload[at : at + length]
        if len(tables) < length or length > _MAX_TABLES or length not in (64, 128) or precision:
            return None, at
        self._known_tables[quality] = tables
        return tables, at + length

    def _dimensions(self, across: int, down: int) -> tuple[int, int]:
        """Return the size in pixels. 0 means more than 2040 pixels; the description then has the size."""
        width, height = 8 * across, 8 * down
        if self._size is not None and not (width and height):
            return self._size
        return width or 2048, height or 2048

    def _drop(self) -> None:
        self._unit.clear()
        self._is_too_long = False
        self._expected = None

    def _marked(self) -> list[bytes]:
        is_whole, self._expected = self._expected is not None, None
        if not is_whole:
            self._drop()
            return []
        if not self._unit.endswith(_END_OF_IMAGE):
            self._append(_END_OF_IMAGE)
        return self._complete()

    def _timestamp_changed(self) -> list[bytes]:
        return self._marked()

    def _lost(self) -> None:
        self._drop()


def _file_header(width: int, height: int, kind: int, tables: bytes, restart: int) -> bytes:
    """Return the headers before the scan (ITU-T T.81, annex B): kind 0 is 4:2:2, kind 1 is 4:2:0."""
    numbers = range(len(tables) // 64)
    parts = [b"\xff\xd8"]
    parts += [b"\xff\xdb\0\x43" + bytes((number,)) + tables[64 * number : 64 * number + 64] for number in numbers]
    if restart:
        parts.append(struct.pack("!HHH", 0xFFDD, 4, restart))
    chroma_table = len(tables) // 64 - 1
    luma_sampling = 0x21 if kind == 0 else 0x22
    parts.append(struct.pack("!HHBHHB", 0xFFC0, 17, 8, height, width, 3))
    parts.append(bytes((1, luma_sampling, 0, 2, 0x11, chroma_table, 3, 0x11, chroma_table)))
    parts.append(HUFFMAN_TABLES)
    parts.append(struct.pack("!HHB", 0xFFDA, 12, 3) + bytes((1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0)))
    return b"".join(parts)
