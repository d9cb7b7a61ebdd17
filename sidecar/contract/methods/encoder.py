"""Methods about the encoder of an open camera."""

from typing import Final

from pydantic import Field

from sidecar.contract import examples
from sidecar.contract.errors import InvalidStateError, SessionNotFoundError
from sidecar.contract.method import Example, Method
from sidecar.contract.methods.cameras import SessionParams
from sidecar.contract.models import Done, Params, Result
from sidecar.contract.types import Bitrate, FrameRate, SessionId


class SetEncodingParams(Params):
    session_id: SessionId
    bitrate: Bitrate | None = None
    max_bitrate: Bitrate | None = None
    fps: FrameRate | None = Field(default=None, description="frames per second")


class SetEncodingResult(Result):
    session_id: str
    bitrate: int
    max_bitrate: int
    fps: float
    reduced_bitrate: int | None = Field(
        description="of the second encoding, for viewers with less link capacity; null while there is none"
    )


SET_ENCODING: Final = Method(
    name="set_encoding",
    summary="Change bitrate or frame rate without renegotiation or keyframe.",
    params=SetEncodingParams,
    result=SetEncodingResult,
    errors=(SessionNotFoundError, InvalidStateError),
    permission="encoding",
    example=Example(
        {"session_id": examples.SESSION_ID, "bitrate": 1500000},
        {
            "session_id": examples.SESSION_ID,
            "bitrate": 1500000,
            "max_bitrate": 4000000,
            "fps": 30.0,
            "reduced_bitrate": None,
        },
    ),
)

REQUEST_KEYFRAME: Final = Method(
    name="request_keyframe",
    summary="Make the next frame a keyframe.",
    params=SessionParams,
    result=Done,
    errors=(SessionNotFoundError, InvalidStateError),
    permission="encoding",
    example=Example({"session_id": examples.SESSION_ID}, {}),
)
