"""The table of H.264 encoders, best first. Importing it loads neither libav nor numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from sidecar.contract.errors import EncoderFailedError
from sidecar.encoding.h264.libraries import libav_has
from sidecar.encoding.settings import EncoderSettings

if TYPE_CHECKING:
    from sidecar.media.video_encoder import VideoEncoder

AUTOMATIC: Final = "auto"
"""The name that stands for the first encoder that this machine has."""


class EncoderType(NamedTuple):
    """One row of the table.

    `name` is FFmpeg's name of the encoder. `load` imports the encoder and returns its constructor, which may raise
    EncoderFailedError. `is_available` returns whether this machine can open the encoder, and is quick.
    """

    name: str
    load: Callable[[], Callable[[EncoderSettings], VideoEncoder]]
    is_available: Callable[[], bool]


def _load_x264() -> Callable[[EncoderSettings], VideoEncoder]:
    from sidecar.encoding.h264.x264 import X264Encoder

    return X264Encoder


ENCODERS: Final[tuple[EncoderType, ...]] = (
    EncoderType("libx264", _load_x264, is_available=lambda: libav_has("libx264")),
)


def available_encoders(table: Sequence[EncoderType] = ENCODERS) -> list[str]:
    """Return the names of the encoders that this machine can open, best first."""
    return [encoder.name for encoder in table if encoder.is_available()]


def choose_encoder(name: str | None = None, table: Sequence[EncoderType] = ENCODERS) -> EncoderType:
    """Return the encoder of this name; for None and "auto" the first one that this machine can open.

    Raises EncoderFailedError when there is no such encoder, or this machine cannot open it.
    """
    is_automatic = name is None or name == AUTOMATIC
    for encoder in table:
        if (is_automatic or encoder.name == name) and encoder.is_available():
            return encoder
    details = {"encoder": name, "available": available_encoders(table)}
    if is_automatic:
        hint = "Install PyAV from a wheel, which has libx264."
        raise EncoderFailedError("This machine has no H.264 encoder.", hint=hint, details=details)
    hint = "Choose one of the encoders that initialize lists."
    raise EncoderFailedError(f"This machine has no encoder {name}.", hint=hint, details=details)
