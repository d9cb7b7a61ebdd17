"""Access units of NAL units in Annex B form: the common part of H.264 and H.265."""

from __future__ import annotations

import base64
import binascii
from abc import abstractmethod
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from sidecar.cameras.rtsp.depacketise.depacketiser import Depacketiser

START_CODE: Final = b"\0\0\0\1"
MAX_PARAMETER_SETS: Final = 64
MAX_UNITS: Final = 4096
"""The limit of NAL units in one access unit; a picture has some dozen slices at most."""

Role: TypeAlias = Literal["first slice", "slice", "opening", "other"]
"""The role of a NAL unit in its access unit: the first slice of a picture, a later slice, a unit that may only precede
the first slice (parameter sets, delimiters, SEI), or another unit."""


class NalUnitDepacketiser(Depacketiser):
    """Joins NAL units into access units.

    An access unit also ends where a new picture begins without a marker bit before it. Some cameras set the marker bit
    inside of a picture: after a later slice of the same picture marker bits are ignored, and access units end where
    the next picture begins.
    """

    def __init__(self) -> None:
        super().__init__()
        self._units = 0
        self._has_slice = False
        self._last_at = 0
        self._fragment_at: int | None = None
        self._marker_ends = True
        self._marked_timestamp: int | None = None

    @abstractmethod
    def _role(self, unit: bytes) -> Role:
        """Return the role of a NAL unit, from its first bytes."""

    def _begin(self, header: bytes, rest: bytes) -> list[bytes]:
        """Append a NAL unit, or its first fragment; return the access unit that ends before it."""
        role = self._role(header + rest[:2])
        ended: list[bytes] = []
        if self._has_slice and role in ("first slice", "opening"):
            ended = self._complete()
        elif role == "slice" and not self._has_slice and self._marked_timestamp == self._timestamp:
            self._marker_ends = False
        self._has_slice = self._has_slice or role in ("first slice", "slice")
        self._units += 1
        self._last_at = len(self._unit)
        if self._units <= MAX_UNITS:
            self._append(START_CODE, header, rest)
        return ended

    def _begin_fragments(self, header: bytes, rest: bytes) -> list[bytes]:
        """Append the first fragment of a NAL unit; return the access unit that ends before it."""
        self._drop_fragment()
        ended = self._begin(header, rest)
        self._fragment_at = self._last_at if self._units <= MAX_UNITS else None
        return ended

    def _continue_fragments(self, rest: bytes, *, is_last: bool) -> None:
        """Append a fragment. A fragment of a NAL unit whose first fragment is missing is dropped."""
        if self._fragment_at is not None:
            self._append(rest)
            if is_last:
                self._fragment_at = None

    def _drop_fragment(self) -> None:
        if self._fragment_at is not None:
            del self._unit[self._fragment_at :]
            self._fragment_at = None

    def _whole(self, payload: bytes) -> list[bytes]:
        """Append a payload of one NAL unit. Some cameras put several NAL units with start codes into one payload."""
        self._drop_fragment()
        if not payload.startswith((b"\0\0\1", START_CODE)):
            return self._begin(payload[:2], payload[2:])
        ended: list[bytes] = []
        for unit in payload.split(b"\0\0\1", MAX_UNITS):
            if unit := unit.strip(b"\0"):
                ended += self._begin(unit[:2], unit[2:])
        return ended

    def _aggregated(self, payload: bytes, at: int, order_bytes: int = 0) -> list[bytes]:
        """Append the NAL units of an aggregation packet; the rest of the packet is dropped after a wrong length.

        `order_bytes` precede each length but the first (H.265's DOND).
        """
        self._drop_fragment()
        ended: list[bytes] = []
        while at + 2 <= len(payload):
            start = at + 2
            at = start + int.from_bytes(payload[at:start])
            if at > len(payload) or at == start:
                break
            ended += self._begin(payload[start : start + 2], payload[start + 2 : at])
            at += order_bytes
        return ended

    def _complete(self) -> list[bytes]:
        self._drop_fragment()
        self._has_slice, self._units = False, 0
        return super()._complete()

    def _timestamp_changed(self) -> list[bytes]:
        return self._complete() if self._has_slice else []  # parameter sets may have a time stamp of their own

    def _marked(self) -> list[bytes]:
        if not self._has_slice:
            return []
        self._marked_timestamp = self._timestamp
        return self._complete() if self._marker_ends else []

    def _lost(self) -> None:
        self._drop_fragment()


def annex_b(units: Iterable[bytes]) -> bytes:
    """Return the concatenation of NAL units, each with a start code."""
    return b"".join(START_CODE + unit for unit in units)


def decoded_sets(text: str) -> list[bytes]:
    """Return the NAL units of a comma-separated list in Base64.

    Damaged NAL units are left out, because parameter sets are also sent in-band.
    """
    units = []
    for part in text.split(",", MAX_PARAMETER_SETS)[:MAX_PARAMETER_SETS]:
        try:
            unit = base64.b64decode(part.strip() + "=" * (-len(part.strip()) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
        if unit:
            units.append(unit)
    return units
