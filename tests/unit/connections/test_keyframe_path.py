"""The path of a keyframe request from a viewer's RTCP to the encoder."""

from __future__ import annotations

import inspect
from unittest.mock import Mock

from aiortc.rtp import RTCP_PSFB_PLI, RtcpPsfbPacket

from sidecar.cameras.device import Format
from sidecar.contract.errors import ContractError
from sidecar.contract.types import EncodingOptions, OutboundStats
from sidecar.media.frame_slot import FrameTee
from sidecar.streams.policy import StreamPolicy
from sidecar.streams.renditions import Renditions
from sidecar.webrtc.attached_subscription import AttachedSubscription
from sidecar.webrtc.rtp.feedback import FeedbackHandler, FeedbackReader
from tests.support.given_rendition import GivenRendition, Recorder

SSRC = 7


async def test_a_picture_loss_indication_reaches_the_encoder_in_three_calls() -> None:
    picture = Format(1280, 720, 30.0, "yuv420p")
    errors: list[ContractError] = []
    renditions = Renditions(
        FrameTee(), picture, EncodingOptions(), StreamPolicy(), errors.append, open_rendition=GivenRendition
    )
    subscriber = AttachedSubscription("connection-1")
    subscriber.attach(renditions.subscribe(Recorder()))
    handler = Mock(spec=FeedbackHandler)
    reader = FeedbackReader(SSRC, handler, subscriber, OutboundStats(), lambda: 0.0)
    reader.read(bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=1, media_ssrc=SSRC)))
    assert isinstance(renditions.full, GivenRendition)
    (stack,) = renditions.full.requests
    reader_file = inspect.getsourcefile(FeedbackReader)
    in_reader = [frame.filename == reader_file for frame in stack]
    after_reader = in_reader.index(False, in_reader.index(True))
    calls = [frame.name for frame in stack[after_reader:]]
    assert calls == ["request_keyframe", "request", "_request_keyframe"], "subscription, limiter, encoder"
    assert (handler.mock_calls, errors) == ([], [])
