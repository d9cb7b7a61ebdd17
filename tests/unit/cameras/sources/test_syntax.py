"""Recognising the scheme of a source."""

from __future__ import annotations

import pytest

from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.sources.syntax import scheme_of
from sidecar.contract.errors import SourceNotAllowedError


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://h/x",
            "https://u:pw@h/x",
            "HTTPS://h",
            "rtsps://h/x",
            "rtmp://h/x",
            "srt://h:1",
            "udp://@:1",
            "rtp://h",
        ),
        *("http:h", "concat:a|b", "pipe:0", "data:text/plain,x", "made+up://h", "subfile:x", "tcp:h", " http://h"),
    ],
)
def test_another_scheme_is_named_as_such_before_the_patterns_are_asked(url: str) -> None:
    for patterns in ([], ["rtsp://*", "file:*"]):
        with pytest.raises(SourceNotAllowedError) as caught:
            Catalogue(patterns).resolve(url)
        assert "Only file: and rtsp: sources" in caught.value.hint
        assert url not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    "device_id",
    [
        "usb:1",
        "v4l2:046d:0825:A1B2:00:0",
        "camera-0",
        "test:pattern",
        "avfoundation:0x1",
        "dshow:@device:pnp:x",
        "://",
        "",
    ],
)
def test_ids_of_cameras_are_no_sources(device_id: str) -> None:
    assert scheme_of(device_id) is None


@pytest.mark.parametrize("text", ["rtsp://h", "RTSP://h", "rtsp:", " rtsp://h", "file:x", "FILE:/x", "\nfile:x"])
def test_sources_are_recognised_by_their_scheme(text: str) -> None:
    assert scheme_of(text) == text.strip().lower()[:4]
