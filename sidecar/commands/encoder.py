"""Methods about the encoder of an open camera."""

from __future__ import annotations

from sidecar.commands.handlers import handles
from sidecar.commands.services import Services
from sidecar.contract.methods import encoder as contract
from sidecar.contract.methods.cameras import SessionParams
from sidecar.contract.models import Done


@handles(contract.SET_ENCODING)
async def set_encoding(services: Services, params: contract.SetEncodingParams) -> contract.SetEncodingResult:
    """Change bitrate and frame rate for all viewers of the session's camera."""
    stream = services.sessions.running(params.session_id).stream
    targets = stream.change_encoding(params.bitrate, params.max_bitrate, params.fps)
    return contract.SetEncodingResult(
        session_id=params.session_id,
        bitrate=targets.bitrate,
        max_bitrate=targets.max_bitrate,
        fps=targets.fps,
        reduced_bitrate=targets.reduced_bitrate,
    )


@handles(contract.REQUEST_KEYFRAME)
async def request_keyframe(services: Services, params: SessionParams) -> Done:
    """Request a keyframe of every encoding of the session's camera."""
    services.sessions.running(params.session_id).stream.request_keyframe()
    return Done()
