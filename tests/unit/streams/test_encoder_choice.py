"""The encoder that a client asks for: honoured, or refused before the camera is opened."""

from __future__ import annotations

import pytest

from sidecar.cameras.device import RequestedFormat
from sidecar.contract.errors import EncoderFailedError
from sidecar.contract.types import EncodingOptions
from sidecar.streams.sessions import Sessions
from tests.support.notifications import Notifications

SMALL = RequestedFormat(width=320, height=180, fps=30)


@pytest.mark.parametrize(
    "options", [EncodingOptions(), EncodingOptions(encoder="auto"), EncodingOptions(encoder="libx264")]
)
async def test_the_statistics_name_the_encoder_that_was_chosen(sessions: Sessions, options: EncodingOptions) -> None:
    session = await sessions.open("test:pattern", SMALL, options)
    assert session.stream.stats().encoder == "libx264"


async def test_an_encoder_that_this_machine_does_not_have_is_refused(
    sessions: Sessions, notifications: Notifications
) -> None:
    options = EncodingOptions.model_construct(encoder="libx999")  # the contract's next version may name another
    with pytest.raises(EncoderFailedError, match="libx999"):
        await sessions.open("test:pattern", SMALL, options)
    assert not sessions.streams.any_open
    assert notifications.all == []


async def test_an_encoder_is_refused_also_for_a_camera_that_is_open(sessions: Sessions) -> None:
    await sessions.open("test:pattern", SMALL, EncodingOptions())
    with pytest.raises(EncoderFailedError, match="libx999"):
        await sessions.open("test:pattern", SMALL, EncodingOptions.model_construct(encoder="libx999"))
