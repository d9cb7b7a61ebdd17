"""The encoder that a client asks for: honoured, or refused before the camera is opened."""

from __future__ import annotations

import pytest

from sidecar.cameras.device import RequestedFormat
from sidecar.contract.errors import EncoderFailedError
from sidecar.contract.types import EncodingOptions
from sidecar.streams.registry import Cameras
from tests.support.notifications import Notifications

SMALL = RequestedFormat(width=320, height=180, fps=30)


@pytest.mark.parametrize(
    "options", [EncodingOptions(), EncodingOptions(encoder="auto"), EncodingOptions(encoder="libx264")]
)
async def test_the_statistics_name_the_encoder_that_was_chosen(cameras: Cameras, options: EncodingOptions) -> None:
    session = await cameras.open("test:pattern", SMALL, options)
    assert session.stream.stats().encoder == "libx264"


async def test_an_encoder_that_this_machine_does_not_have_is_refused(
    cameras: Cameras, notifications: Notifications
) -> None:
    options = EncodingOptions.model_construct(encoder="libx999")  # the contract's next version may name another
    with pytest.raises(EncoderFailedError, match="libx999"):
        await cameras.open("test:pattern", SMALL, options)
    assert not cameras.any_open
    assert notifications.all == []


async def test_an_encoder_is_refused_also_for_a_camera_that_is_open(cameras: Cameras) -> None:
    await cameras.open("test:pattern", SMALL, EncodingOptions())
    with pytest.raises(EncoderFailedError, match="libx999"):
        await cameras.open("test:pattern", SMALL, EncodingOptions.model_construct(encoder="libx999"))
