"""Which encoders work here."""

from __future__ import annotations

from functools import cache
from typing import Final

from sidecar.contract.errors import EncoderFailedError
from sidecar.encoding.h264 import H264Encoder
from sidecar.encoding.settings import EncoderSettings

CANDIDATES: Final = ("libx264",)


@cache
def available_encoders() -> tuple[str, ...]:
    """FFmpeg's names of the H.264 encoders that really open, the preferred one first; asked once."""
    return tuple(name for name in CANDIDATES if _opens(name))


def _opens(name: str) -> bool:
    try:
        H264Encoder(320, 180, 30.0, EncoderSettings(encoder=name))
    except EncoderFailedError:
        return False
    return True
