"""What goes over a local stream's WebSocket.

From the sidecar: binary messages, each a header of HEADER_SIZE bytes (big-endian) and a payload.

    offset  size  field
    0       1     type: 1 access unit, 2 JPEG picture, 3 description
    1       1     flags: bit 0 keyframe
    2       2     reserved, 0
    4       4     sequence: counts pictures modulo 2**32; a description has that of the next picture
    8       8     timestamp: the picture's capture on a clock that only goes forward, microseconds
    16      8     captured: the same moment as wall clock, microseconds since 1970
    24      8     sent: when the message was written, microseconds since 1970

    1: one picture as H.264, each NAL unit after its length of four bytes (ISO/IEC 14496-15, 5.3.4), parameter sets
       left out. The first is a keyframe.
    2: one picture as a JPEG file.
    3: JSON: codec (RFC 6381), description (base64 AVCDecoderConfigurationRecord), width, height. It comes before a
       keyframe when it differs from the last one, the first of which `start_camera_local_session` returned.

From the viewer: text messages, each a JSON object with any of these members.

    received  the sequence of the newest picture that came; a viewer that does not tell gets no more pictures
    keyframe  true: the next picture shall be a keyframe
    codec     "h264" or "jpeg": what shall be sent from now on
"""

from __future__ import annotations

import base64
import json
import struct
from enum import IntEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sidecar.media.codec import StreamDescription

CodecName = Literal["h264", "jpeg"]

SEQUENCE_MODULUS: Final = 2**32
MAX_CLIENT_MESSAGE: Final = 1024
"""Bytes of a viewer's message."""

_HEADER: Final = struct.Struct("!BBHIQQQ")
HEADER_SIZE: Final = _HEADER.size
_KEYFRAME: Final = 1


class MessageType(IntEnum):
    """The first byte of a message."""

    ACCESS_UNIT = 1
    JPEG = 2
    DESCRIPTION = 3


class MessageError(Exception):
    """A viewer's message is none."""


class ClientMessage(BaseModel):
    """What a viewer says."""

    model_config = ConfigDict(extra="forbid", strict=True)

    received: int | None = Field(default=None, ge=0, lt=SEQUENCE_MODULUS)
    keyframe: bool = False
    codec: CodecName | None = None


def parse(message: str | bytes) -> ClientMessage:
    """A viewer's message. Raises MessageError."""
    if isinstance(message, bytes):
        raise MessageError("viewers send text")
    try:
        return ClientMessage.model_validate_json(message)
    except ValidationError:
        raise MessageError("not a message that the sidecar knows") from None


def header(
    kind: MessageType, *, keyframe: bool, sequence: int, captured_at: float, monotonic: float, wall: float
) -> bytes:
    """A header; `captured_at` and `monotonic` (now) are time.monotonic(), `wall` (now) is time.time(), in seconds."""
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
    """The JSON of a description message."""
    return json.dumps(
        {
            "codec": description.codec,
            "description": base64.b64encode(description.record).decode(),
            "width": description.width,
            "height": description.height,
        }
    ).encode()


def _microseconds(seconds: float) -> int:
    return max(round(seconds * 1e6), 0)
