"""The log of the real process: it tells each connection's story, and no secret."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.unread_sidecar import SMALL, Watched, answer, frames, receive, send, unread, watching

CREDENTIAL, USER, RTSP_PASSWORD = "marked-turn-credential", "marked-turn-user", "marked-rtsp-password"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """The port of a server that accepts connections and never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def closed_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


def ice_passwords(watched: Watched) -> list[str]:
    found = re.findall(r"a=ice-pwd:(\S+)", watched.offer + watched.answer)
    assert len(found) >= 2
    return found


async def test_the_log_at_debug_holds_no_secret_and_the_story_of_the_connection(
    sidecar_program: str | None, tmp_path: Path, silent_port: int
) -> None:
    log_file = tmp_path / "sidecar.log"
    options = ["--log-level", "debug", "--log-file", str(log_file), "--log-notifications", "--allow-source", "rtsp://*"]
    turn = {"urls": f"turn:127.0.0.1:{silent_port}?transport=tcp", "username": USER, "credential": CREDENTIAL}
    refused = {"urls": f"turn:127.0.0.1:{closed_port()}?transport=tcp", "username": USER, "credential": CREDENTIAL}
    camera = f"rtsp://somebody:{RTSP_PASSWORD}@127.0.0.1:{closed_port()}/picture"
    async with unread(sidecar_program, *options) as process:
        async with watching(process, ice_servers=[turn, refused]) as watched:
            await frames(watched, 5)
            connection = {"connection_id": watched.connection_id}
            candidate = {"candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host", "sdpMid": "0"}
            await send(
                process,
                ("candidate", "add_ice_candidate", {**connection, "candidate": candidate}),
                ("broken", "set_remote_description", {**connection, "description": {"type": "answer", "sdp": "x" * 9}}),
                ("rtsp", "start_streaming", {"device_id": camera}),
                ("local", "start_camera_local_session", {"device_id": "test:pattern", "format": SMALL}),
            )
            waiting, local_url = {"candidate", "broken", "rtsp", "local"}, ""
            while waiting:
                message = await receive(process)
                waiting.discard(message.get("id", ""))
                if message.get("id") == "local":
                    local_url = message["result"]["url"]
            await send(process, ("close", "close_connection", connection))
            await answer(process, "close")
        await send(process, ("end", "shutdown", {}))
        stdout, stderr = await process.communicate()
    logged = stderr.decode() + log_file.read_text(encoding="utf-8")
    notified = "".join(line for line in stdout.decode().splitlines() if '"method":"log"' in line)
    secrets = [CREDENTIAL, USER, RTSP_PASSWORD, *ice_passwords(watched), *secrets_of(local_url)]
    assert [secret for secret in secrets if secret in logged + notified] == []
    check_story(log_file.read_text(encoding="utf-8"), watched.connection_id)


def secrets_of(url: str) -> list[str]:
    """The secret parts of a URL: path and query."""
    found = [part for part in re.split(r"[/?=&]", url)[3:] if len(part) >= 16]
    assert found, url
    return found


def check_story(log: str, connection_id: str) -> None:
    story = [line.partition(f"connection {connection_id}: ")[2] for line in log.splitlines() if connection_id in line]
    chapters = [
        r"created",
        r"shows test:pattern in session \S+",
        r"made an offer, with candidates: \d+ host",
        r"received the peer's answer, with candidates: \d+ host",
        r"connecting",
        r"connected",
        r"selected pair: \w+ over udp to \w+",
        r"received a candidate of the peer: 1 host",
        r"closed",
    ]
    told = iter(story)
    missing = [chapter for chapter in chapters if not any(re.match(chapter, line) for line in told)]
    assert missing == [], story
