"""The messages and hints for each failure of a network camera."""

from __future__ import annotations

import socket

import pytest

from sidecar.cameras.policy import RtspPolicy
from sidecar.contract.errors import (
    CameraBusyError,
    CameraFailedError,
    CameraNotFoundError,
    CameraPermissionDeniedError,
    ContractError,
)
from tests.support.rtsp_opening import opened
from tests.support.rtsp_server import Behaviour, RtspServer


def failure(behaviour: Behaviour, login: str = "", policy: RtspPolicy | None = None) -> ContractError:
    with RtspServer(1, behaviour=behaviour) as server, pytest.raises(ContractError) as caught:
        opened(server.url.replace("rtsp://", f"rtsp://{login}"), policy=policy).close()
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        ("403 Forbidden", CameraPermissionDeniedError, "right to view"),
        ("404 Not Found", CameraNotFoundError, "path"),
        ("405 Method Not Allowed", CameraFailedError, "DESCRIBE"),
        ("453 Not Enough Bandwidth", CameraBusyError, "too many viewers"),
        ("454 Session Not Found", CameraFailedError, "ended the session"),
        ("461 Unsupported Transport", CameraFailedError, "neither TCP nor UDP"),
        ("500 Internal Server Error", CameraFailedError, "Restart the camera"),
        ("501 Not Implemented", CameraFailedError, "DESCRIBE"),
        ("503 Service Unavailable", CameraBusyError, "too many viewers"),
        ("505 Version Not Supported", CameraFailedError, "firmware"),
        ("551 Option not supported", CameraFailedError, "firmware"),
        ("406 Not Acceptable", CameraFailedError, "SDP"),
        ("408 Request Timeout", CameraFailedError, "try again"),
        ("410 Gone", CameraNotFoundError, "path"),
        ("415 Unsupported Media Type", CameraFailedError, "SDP"),
        ("418 Teapot", CameraFailedError, "418"),
    ],
)
def test_each_status_has_a_hint_of_its_own(status: str, kind: type[ContractError], words: str) -> None:
    error = failure(Behaviour(statuses={"DESCRIBE": status}))
    assert type(error) is kind
    assert words in error.message + error.hint


@pytest.mark.parametrize("method", ["SETUP", "PLAY"])
def test_too_many_viewers_may_also_be_said_later(method: str) -> None:
    assert isinstance(failure(Behaviour(statuses={method: "453 Not Enough Bandwidth"})), CameraBusyError)


def test_a_missing_login_is_told_from_a_wrong_one() -> None:
    camera = Behaviour(login=("admin", "s3cret"))
    missing, wrong = failure(camera), failure(camera, "admin:wr0ng@")
    assert isinstance(missing, CameraPermissionDeniedError)
    assert isinstance(wrong, CameraPermissionDeniedError)
    assert "rtsp://user:password@" in missing.hint
    assert "Check the user name" in wrong.hint
    assert not any(word in wrong.message + wrong.hint for word in ("admin", "wr0ng"))


def test_a_camera_that_allows_no_transport_says_so() -> None:
    assert "neither TCP nor UDP" in failure(Behaviour(transports=())).message


@pytest.mark.parametrize(
    ("description", "words"),
    [
        (["m=audio 0 RTP/AVP 0"], "no video"),
        (["m=video 0 RTP/SAVP 96", "a=rtpmap:96 H264/90000"], "encrypted"),
        (["m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=crypto:1 AES inline:x"], "encrypted"),
        (["m=video 0 RTP/AVP 96", "a=rtpmap:96 VP8/90000"], "VP8 video"),
        (["m=video 0 RTP/AVP 33"], "MP2T video"),
    ],
)
def test_a_description_without_a_video_that_can_be_shown_says_why(description: list[str], words: str) -> None:
    assert words in failure(Behaviour(description=description)).message


@pytest.mark.parametrize(
    ("first_bytes", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "web server"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "without RTSP"),
        (b"\x00\xff<html>nope</html>\r\n\r\n", "without RTSP"),
        (b"RTSP/1.0 200 OK\r\nX: " + b"y" * 20_000, "break the RTSP protocol"),
        (b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: -5\r\n\r\n", "break the RTSP protocol"),
        (b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 99999999\r\n\r\n", "break the RTSP protocol"),
    ],
)
def test_a_server_of_another_protocol_is_told_from_a_broken_camera(first_bytes: bytes, words: str) -> None:
    assert words in failure(Behaviour(first_bytes=first_bytes)).message


def test_a_body_that_is_shorter_than_its_length_is_given_up_in_time() -> None:
    error = failure(Behaviour(content_length=5000), policy=RtspPolicy(open_timeout=0.5))
    assert "DESCRIBE in time" in error.message


def test_a_port_without_a_listener_fails_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(CameraFailedError) as caught:
        opened(f"rtsp://127.0.0.1:{port}/stream")
    assert "port" in caught.value.hint


def test_a_host_that_no_name_server_knows_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(CameraNotFoundError) as caught:
        opened("rtsp://camera.invalid/stream")
    assert "host name" in caught.value.hint


def test_a_system_that_has_no_socket_left_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(socket, "socketpair", none_left)
    with pytest.raises(CameraFailedError):
        opened("rtsp://127.0.0.1:1/stream")


@pytest.mark.parametrize(("transport", "names_udp"), [("tcp", False), ("udp", True)])
def test_a_silent_camera_is_blamed_on_udp_packets_only_where_they_are_used(transport: str, names_udp: bool) -> None:
    with RtspServer(1, behaviour=Behaviour(transports=(transport,))) as server:
        camera = opened(server.url, policy=RtspPolicy(read_timeout=0.2))
        camera.read()
        with pytest.raises(CameraFailedError, match="stopped sending") as caught:
            camera.read()
        camera.close()
    assert ("UDP" in caught.value.hint) is names_udp
