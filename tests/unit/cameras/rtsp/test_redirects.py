"""Redirects to another address (RFC 2326, sections 10.10 and 11.3)."""

from __future__ import annotations

import pytest

from sidecar.contract.errors import CameraFailedError, CameraPermissionDeniedError, SourceNotAllowedError
from tests.support.rtsp_opening import opened
from tests.support.rtsp_server import Behaviour, RtspServer


def redirecting(location: str, method: str = "DESCRIBE", status: str = "302 Moved") -> Behaviour:
    return Behaviour(statuses={method: status}, headers={method: [f"Location: {location}"]})


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "305 Proxy", "307 Moved", "308 Moved"])
def test_an_allowed_redirect_is_followed(status: str) -> None:
    with RtspServer(2) as target, RtspServer(1, behaviour=redirecting(target.url, status=status)) as first:
        camera = opened(first.url)
        assert camera.read().width == 64
        camera.close()
    assert "PLAY" in target.requests


@pytest.mark.parametrize("method", ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"])
def test_a_redirect_that_no_pattern_allows_is_refused_without_showing_its_address(method: str) -> None:
    with (
        RtspServer(2) as target,
        RtspServer(1, behaviour=redirecting(target.url, method)) as first,
        pytest.raises(SourceNotAllowedError) as caught,
    ):
        opened(first.url.replace("rtsp://", "rtsp://admin:s3cret@"), f"rtsp://127.0.0.1:{first.port}/*")
    assert target.requests == []
    assert "s3cret" not in caught.value.message + caught.value.hint
    assert "redirects" in caught.value.message


def test_a_login_never_goes_to_another_port() -> None:
    asking = Behaviour(login=("admin", "s3cret"), scheme="Basic")
    with (
        RtspServer(2, behaviour=asking) as target,
        RtspServer(1, behaviour=redirecting(target.url)) as first,
        pytest.raises(CameraPermissionDeniedError, match="redirects to an address that requires a user name"),
    ):
        opened(first.url.replace("rtsp://", "rtsp://admin:s3cret@"))
    assert target.requests
    assert not any("Authorization" in head for head in target.heads)


def test_redirects_without_an_end_are_given_up() -> None:
    first = RtspServer(1)
    port = _given_back(first)
    with (
        RtspServer(1, behaviour=redirecting(first.url)) as loop,
        RtspServer(1, behaviour=redirecting(loop.url), port=port) as back,
        pytest.raises(CameraFailedError, match="redirects"),
    ):
        opened(back.url)


def _given_back(server: RtspServer) -> int:
    with server:
        return server.port


def test_a_redirect_request_while_it_plays_is_followed() -> None:
    with RtspServer(2) as target:
        request = f"REDIRECT * RTSP/1.0\r\nCSeq: 9\r\nLocation: {target.url}\r\n\r\n".encode()
        with RtspServer(2, behaviour=Behaviour(after_pictures=request)) as first:
            camera = opened(first.url)
            for _ in range(4):
                camera.read()
            camera.close()
    assert "PLAY" in target.requests
    assert "TEARDOWN" in first.requests


def test_a_redirect_request_that_no_pattern_allows_ends_the_stream() -> None:
    with RtspServer(2) as target:
        request = f"REDIRECT * RTSP/1.0\r\nCSeq: 9\r\nLocation: {target.url}\r\n\r\n".encode()
        with RtspServer(2, behaviour=Behaviour(after_pictures=request)) as first:
            camera = opened(first.url, f"rtsp://127.0.0.1:{first.port}/*")
            with pytest.raises(SourceNotAllowedError):
                for _ in range(4):
                    camera.read()
            camera.close()
    assert target.requests == []


def test_a_redirect_without_a_location_is_a_clear_error() -> None:
    behaviour = Behaviour(statuses={"DESCRIBE": "302 Moved"})
    with RtspServer(1, behaviour=behaviour) as server, pytest.raises(CameraFailedError, match="RTSP protocol"):
        opened(server.url)
