"""The handlers of cameras that do more than pass on a call."""

from __future__ import annotations

import time
from unittest.mock import AsyncMock, Mock

import pytest

from sidecar.commands.cameras import DEFAULT_QUALITY, MAX_UNSENT, take_photo
from sidecar.commands.services import Services
from sidecar.contract.errors import LimitExceededError
from sidecar.contract.methods.cameras import TakePhotoParams
from sidecar.media.photo import Photo, PhotoOptions

AGE = 100.0
"""The seconds since a photo was taken, far more than a test takes."""


def services_with(stream: Mock, unsent: int) -> Services:
    sessions = Mock()
    sessions.running.return_value.stream = stream
    return Services(
        drivers=Mock(),
        sessions=sessions,
        connections=Mock(),
        statistics=Mock(),
        shut_down=Mock(),
        bytes_unsent=lambda: unsent,
    )


def stream_with_photo() -> Mock:
    photo = Photo("image/jpeg", "AAAA", 64, 36, captured_at=time.monotonic() - AGE)
    return Mock(take_photo=AsyncMock(return_value=photo))


async def test_a_photo_has_its_capture_time_on_the_wall_clock_and_the_default_quality() -> None:
    stream = stream_with_photo()
    result = await take_photo(services_with(stream, MAX_UNSENT), TakePhotoParams(session_id="a"))
    assert result.captured_wall_ms / 1000 == pytest.approx(time.time() - AGE, abs=AGE / 10)
    assert (result.mime_type, result.data, result.width, result.height) == ("image/jpeg", "AAAA", 64, 36)
    stream.take_photo.assert_awaited_once_with(PhotoOptions("image/jpeg", DEFAULT_QUALITY, None, None))


async def test_a_client_that_does_not_read_gets_an_error_and_no_photo() -> None:
    with pytest.raises(LimitExceededError) as refused:
        await take_photo(services_with(stream_with_photo(), MAX_UNSENT + 1), TakePhotoParams(session_id="a"))
    assert refused.value.details == {"limit": "bytes_unsent", "maximum": MAX_UNSENT}
