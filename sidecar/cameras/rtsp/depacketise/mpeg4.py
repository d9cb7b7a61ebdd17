"""MPEG-4 part 2 in RTP (RFC 6416, section 5): consecutive pieces of a picture."""

from __future__ import annotations

from sidecar.cameras.rtsp.depacketise.depacketiser import Depacketiser
from sidecar.cameras.rtsp.description import VideoDescription


class Mpeg4Depacketiser(Depacketiser):
    """A picture with a missing piece is dropped, because the decoder would conceal the missing part."""

    def __init__(self, description: VideoDescription) -> None:
        super().__init__()
        self._is_damaged = False

    def _take(self, payload: bytes) -> list[bytes]:
        self._append(payload)
        return []

    def _timestamp_changed(self) -> list[bytes]:
        return self._marked()

    def _marked(self) -> list[bytes]:
        unit, is_damaged = self._complete(), self._is_damaged
        self._is_damaged = False
        return [] if is_damaged else unit

    def _lost(self) -> None:
        self._is_damaged = True


def mpeg4_configuration(description: VideoDescription) -> bytes:
    """Return the configuration of the fmtp line (RFC 6416, section 7.1); empty when it is damaged or absent."""
    try:
        return bytes.fromhex(description.parameters.get("config", ""))
    except ValueError:
        return b""
