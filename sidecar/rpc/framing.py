"""Lines out of a byte stream: one JSON text a line, `\\n` or `\\r\\n` at its end."""

from __future__ import annotations

from dataclasses import dataclass

MAX_LINE_BYTES = 8 * 1024 * 1024

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Some programs begin their output with it; a JSON parser may ignore it (RFC 8259, section 8.1)."""


@dataclass(frozen=True, slots=True)
class Oversized:
    """Stands in the place of a line that was longer than `limit` bytes; the line itself is discarded."""

    limit: int


class LineSplitter:
    """Splits a stream, however it was cut into pieces, and holds at most `limit` bytes of an unfinished line.

    A line that grows past the limit is reported at once, as `Oversized`, and skipped up to its end.
    """

    def __init__(self, limit: int = MAX_LINE_BYTES) -> None:
        self._limit = limit
        self._held = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes | Oversized]:
        """Return the lines that `data` ends, without line ends and byte order marks; blank ones are left out."""
        lines: list[bytes | Oversized] = []
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            self._hold(data[start:end], lines)
            self._end_line(lines)
            start = end + 1
        self._hold(data[start:], lines)
        return lines

    def end(self) -> list[bytes | Oversized]:
        """Return the last line of a stream that has ended without a line end."""
        lines: list[bytes | Oversized] = []
        self._end_line(lines)
        return lines

    def _hold(self, piece: bytes, lines: list[bytes | Oversized]) -> None:
        if self._skipping:
            return
        if len(self._held) + len(piece) > self._limit:
            self._held.clear()
            self._skipping = True
            lines.append(Oversized(self._limit))
        else:
            self._held += piece

    def _end_line(self, lines: list[bytes | Oversized]) -> None:
        if not self._skipping and (line := bytes(self._held).removeprefix(BYTE_ORDER_MARK).strip(b" \t\r")):
            lines.append(line)
        self._held.clear()
        self._skipping = False
