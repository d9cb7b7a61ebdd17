"""The errors that need more than lines on a wire: a server, many requests, a process that ends."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from sidecar.connections.policy import ConnectionPolicy
from tests.support.contract_schemas import check_response
from tests.support.rtsp_server import RtspServer
from tests.support.sidecar_process import ANSWER_SECONDS, RawProcess, raw_process, sidecar_command
from tests.support.videos import write_video

MAX_CONNECTIONS = ConnectionPolicy().max_connections

ANY_NETWORK_CAMERA = ("--allow-source", "rtsp://127.0.0.1:*")


def call(process: RawProcess, request_id: int, method: str, params: Any) -> None:
    request = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
    process.send(json.dumps(request).encode() + b"\n")


def answer(process: RawProcess, request_id: int, method: str) -> Any:
    response = process.answer(request_id)
    check_response(response, method)
    return response


def test_a_network_camera_that_wants_a_password_is_forbidden(sidecar_program: str | None) -> None:
    with (
        RtspServer(status="401 Unauthorized") as server,
        raw_process(sidecar_command(sidecar_program, *ANY_NETWORK_CAMERA)) as process,
    ):
        call(process, 1, "start_streaming", [server.url])
        error = answer(process, 1, "start_streaming")["error"]
    assert (error["code"], error["data"]["kind"]) == (1003, "camera_permission_denied")


def test_a_picture_that_no_level_of_h264_allows_is_shown_smaller(sidecar_program: str | None, tmp_path: Path) -> None:
    video = write_video(tmp_path / "wide.avi", size=(17_008, 16), count=1, codec="mjpeg", pixel_format="yuvj420p")
    with raw_process(sidecar_command(sidecar_program, "--allow-source", f"file:{tmp_path}/*")) as process:
        call(process, 1, "start_streaming", [f"file:{video}"])
        shown = answer(process, 1, "start_streaming")["result"]["format"]
    assert (shown["width"], shown["height"]) == (8_688, 8)


def test_an_ice_server_that_no_pattern_allows_is_refused_and_creates_nothing(sidecar_program: str | None) -> None:
    asked = [{"urls": "turn:relay.example:3478", "username": "viewer", "credential": "a secret"}]
    with raw_process(sidecar_command(sidecar_program, "--allow-ice-server", "stun:*.example")) as process:
        call(process, 1, "create_peer_connection", {"ice_servers": asked})
        error = answer(process, 1, "create_peer_connection")["error"]
        call(process, 2, "get_stats", {})
        assert answer(process, 2, "get_stats")["result"]["connections"] == []
    assert (error["code"], error["data"]["kind"]) == (1105, "ice_server_not_allowed")
    assert "secret" not in json.dumps(error)


def test_one_connection_too_many_is_refused_and_there_is_room_again_when_one_is_closed(raw_sidecar: RawProcess) -> None:
    connection_ids = []
    for number in range(MAX_CONNECTIONS):
        call(raw_sidecar, number, "create_peer_connection", [[]])
        connection_ids.append(answer(raw_sidecar, number, "create_peer_connection")["result"]["connection_id"])
    call(raw_sidecar, MAX_CONNECTIONS, "create_peer_connection", [[]])
    error = answer(raw_sidecar, MAX_CONNECTIONS, "create_peer_connection")["error"]
    assert (error["code"], error["data"]["kind"]) == (1301, "limit_exceeded")
    assert error["data"]["details"] == {"limit": "connections", "maximum": MAX_CONNECTIONS}
    for number, connection_id in enumerate(connection_ids):
        call(raw_sidecar, number, "close_connection", [connection_id])
        answer(raw_sidecar, number, "close_connection")
    call(raw_sidecar, 0, "create_peer_connection", [[]])
    connection_id = answer(raw_sidecar, 0, "create_peer_connection")["result"]["connection_id"]
    call(raw_sidecar, 1, "close_connection", [connection_id])
    answer(raw_sidecar, 1, "close_connection")


def test_a_request_that_hangs_when_the_process_ends_is_told_so(sidecar_program: str | None) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        raw_process(sidecar_command(sidecar_program, *ANY_NETWORK_CAMERA)) as process,
    ):
        call(process, 1, "start_streaming", [f"rtsp://127.0.0.1:{silent.getsockname()[1]}/"])
        silent.settimeout(ANSWER_SECONDS)
        connection, _ = silent.accept()
        with connection:  # the driver is inside its call, and stays there
            call(process, 2, "shutdown", {})
            answer(process, 2, "shutdown")
            error = answer(process, 1, "start_streaming")["error"]
            assert process.wait() == 0
    assert (error["code"], error["data"]["kind"]) == (1901, "shutting_down")
