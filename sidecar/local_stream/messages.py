"""The messages on a local stream's WebSocket. `docs/local-stream.md` is the protocol's description.

The sidecar sends binary messages: a header of HEADER_SIZE bytes, big-endian, and a payload.

    offset  size  field
    0       1     type: 1 access unit, 2 JPEG picture, 3 description
    1       1     flags: bit 0 keyframe
    2       2     reserved, 0
    4       4     sequence: counts pictures modulo 2**32; a description carries the number of the next picture
    8       8     timestamp: the picture's capture time on a monotonic clock, microseconds
    16      8     captured: the capture time on the wall clock, microseconds since 1970
    24      8     sent: the time of sending on the wall clock, microseconds since 1970

The viewer sends text messages: JSON objects with the members of ClientMessage.
"""

from __future__ import annotations

import base64
import struct
from enum import IntEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sidecar.media.codec import StreamDescription

CodecName = Literal["h264", "jpeg"]

SEQUENCE_MODULUS: Final = 2**32
MAX_CLIENT_MESSAGE: Final = 1024
"""The longest message of a viewer, in bytes."""

_HEADER: Final = struct.Struct("!BBHIQQQ")
HEADER_SIZE: Final = _HEADER.size
_KEYFRAME: Final = 1


class MessageType(IntEnum):
    """The first byte of a binary message."""

    ACCESS_UNIT = 1
    JPEG = 2
    DESCRIPTION = 3


class MessageError(Exception):
    """The viewer sent an invalid message."""


class ClientMessage(BaseModel):
    """A message of the viewer. Members may be combined; each may be left out."""

    model_config = ConfigDict(extra="forbid", strict=True)

    received: int | None = Field(
        default=None,
        ge=0,
        lt=SEQUENCE_MODULUS,
        description="The sequence of the newest picture received. It acknowledges all pictures before it, too.",
    )
    keyframe: bool = Field(default=False, description="true requests a keyframe.")
    codec: CodecName | None = Field(default=None, description="The codec of the pictures sent from now on.")


class Description(BaseModel):
    """The payload of a description message: the configuration that a WebCodecs VideoDecoder needs."""

    model_config = ConfigDict(extra="forbid")

    codec: str = Field(description="RFC 6381, as in avc1.42c01f")
    description: str = Field(description="an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1), base64")
    width: int = Field(description="pixels", gt=0)
    height: int = Field(description="pixels", gt=0)


def parse(message: str | bytes) -> ClientMessage:
    """Return a viewer's message. Raises MessageError."""
    if isinstance(message, bytes):
        raise MessageError("a viewer's messages are text, not binary")
    try:
        return ClientMessage.model_validate_json(message)
    except ValidationError:
        raise MessageError("not a message of the local stream's protocol") from None


def header(
    kind: MessageType, *, keyframe: bool, sequence: int, captured_at: float, monotonic: float, wall: float
) -> bytes:
    """Return the header of a message.

    `captured_at` and `monotonic`, the current time, are readings of time.monotonic(); `wall` is the current
    time.time(). All are in seconds.
    """
    return _HEADER.pack(
        kind,
        _KEYFRAME if keyframe else 0,
        0,
        sequence,
        _microseconds(captured_at),
        _microseconds(wall - (monotonic - captured_at)),
        _microseconds(wall),
    )


def description_payload(description: StreamDescription) -> bytes:
    """Return the payload of a description message, JSON in UTF-8."""
    return (
        Description(
            codec=description.codec,
            description=base64.b64encode(description.record).decode(),
            width=description.width,
            height=description.height,
        )
        .model_dump_json()
        .encode()
    )


def _microseconds(seconds: float) -> int:
    return max(round(seconds * 1e6), 0)
