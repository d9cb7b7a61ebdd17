"""Access units of NAL units, in Annex B form: what H.264 and H.265 have in common."""

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
"""NAL units of one access unit; a picture has some dozen slices at most."""

Role: TypeAlias = Literal["first slice", "slice", "opening", "other"]
"""What a NAL unit is in its access unit: the first slice of a picture, a later one, a unit that may stand only before
the first slice (parameter sets, delimiters, SEI), or something else."""


class NalUnitDepacketiser(Depacketiser):
    """Joins NAL units into access units.

    An access unit also ends where a new picture begins without a marker bit before it. A camera that sets the marker
    bit inside of a picture is found out by the slice that follows; its access units end with the next picture.
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
        """Tell what a NAL unit is, from its first bytes."""

    def _begin(self, header: bytes, rest: bytes) -> list[bytes]:
        """Add a NAL unit, or its first fragment; return the access unit that it ends."""
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
        """Add the first fragment of a NAL unit; return the access unit that it ends."""
        self._drop_fragment()
        ended = self._begin(header, rest)
        self._fragment_at = self._last_at if self._units <= MAX_UNITS else None
        return ended

    def _continue_fragments(self, rest: bytes, *, is_last: bool) -> None:
        """Add a fragment; one whose beginning is missing is dropped."""
        if self._fragment_at is not None:
            self._append(rest)
            if is_last:
                self._fragment_at = None

    def _drop_fragment(self) -> None:
        if self._fragment_at is not None:
            del self._unit[self._fragment_at :]
            self._fragment_at = None

    def _whole(self, payload: bytes) -> list[bytes]:
        """Add a payload that is one NAL unit; some cameras put several with their start codes into it."""
        self._drop_fragment()
        if not payload.startswith((b"\0\0\1", START_CODE)):
            return self._begin(payload[:2], payload[2:])
        ended: list[bytes] = []
        for unit in payload.split(b"\0\0\1", MAX_UNITS):
            if unit := unit.strip(b"\0"):
                ended += self._begin(unit[:2], unit[2:])
        return ended

    def _aggregated(self, payload: bytes, at: int, order_bytes: int = 0) -> list[bytes]:
        """Add the NAL units of an aggregation packet, each behind its length; the rest is dropped where one lies.

        `order_bytes` stand before each length but the first (H.265's DOND).
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
    """Return NAL units with their start codes, one after the other."""
    return b"".join(START_CODE + unit for unit in units)


def decoded_sets(text: str) -> list[bytes]:
    """Return the NAL units of a comma-separated list in Base64; what is damaged is left out: it also comes in-band."""
    units = []
    for part in text.split(",", MAX_PARAMETER_SETS)[:MAX_PARAMETER_SETS]:
        try:
            unit = base64.b64decode(part.strip() + "=" * (-len(part.strip()) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
        if unit:
            units.append(unit)
    return units
