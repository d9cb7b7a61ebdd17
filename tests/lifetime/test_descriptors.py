"""A page asks for more sockets than the system gives: it gets a clear error, and the others go on."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest

from tests.support.peers import PATIENCE
from tests.support.sidecar_process import RawProcess, raw_process, sidecar_command

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no limit of descriptors to set")

SERVERS = [
    {"urls": [f"turn:127.0.{server}.{url}:9" for url in range(1, 9)], "username": f"user{server}", "credential": "c"}
    for server in range(16)
]


class Limited:
    """A sidecar that may have only so many descriptors."""

    def __init__(self, wire: RawProcess) -> None:
        self._wire = wire
        self._number = 0
        self._process: Any = psutil.Process(wire.receive()["params"]["pid"])
        self.call("create_offer")  # imports the modules of the first offer
        self.close_all()

    @property
    def descriptors(self) -> int:
        count: int = self._process.num_fds()
        return count

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """The answer, an error or not."""
        self._number += 1
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        self._wire.send(json.dumps(message).encode() + b"\n")
        answer: dict[str, Any] = self._wire.answer(self._number)
        return answer

    def all_at_once(self, count: int, method: str, **params: object) -> list[dict[str, Any]]:
        """The answers to requests that are all sent before the first answer is read."""
        numbers = {self._number + 1 + each for each in range(count)}
        self._number += count
        for number in sorted(numbers):
            message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            self._wire.send(json.dumps(message).encode() + b"\n")
        answers: dict[int, dict[str, Any]] = {}
        while numbers - answers.keys():
            line = self._wire.receive(PATIENCE)
            if line.get("id") in numbers:
                answers[line["id"]] = line
        return list(answers.values())

    def close_all(self) -> None:
        """Close every connection."""
        for connection in self.call("get_stats")["result"]["connections"]:
            self.call("close_connection", connection_id=connection["connection_id"])


@contextmanager
def limited(descriptors: int) -> Iterator[Limited]:
    command = f"ulimit -n {descriptors}; exec {shlex.join(sidecar_command())}"
    with raw_process(["sh", "-c", command]) as wire:
        yield Limited(wire)


def kinds(answers: list[dict[str, Any]]) -> set[str]:
    return {answer["error"]["data"]["kind"] if "error" in answer else "ok" for answer in answers}


def test_offers_with_too_many_servers_are_refused_and_the_others_go_on() -> None:
    with limited(1024) as sidecar:
        before = sidecar.descriptors
        answers = sidecar.all_at_once(12, "create_offer", ice_servers=SERVERS)
        assert kinds(answers) == {"limit_exceeded"}
        assert all(answer["error"]["data"]["hint"] for answer in answers)
        assert sidecar.descriptors == before
        assert "result" in sidecar.call("create_offer")
        assert "result" in sidecar.call("start_camera_local_session", device_id="test:pattern")


def test_connections_share_the_sockets_that_there_are() -> None:
    with limited(256) as sidecar:
        before = sidecar.descriptors
        servers = [{**server, "urls": server["urls"][:2]} for server in SERVERS]
        answers = sidecar.all_at_once(12, "create_offer", ice_servers=servers)
        assert kinds(answers) == {"ok", "limit_exceeded"}
        refused = next(answer["error"] for answer in answers if "error" in answer)
        assert refused["data"]["details"]["limit"] == "sockets"
        assert "result" in sidecar.call("start_camera_local_session", device_id="test:pattern")
        sidecar.close_all()
        assert "result" in sidecar.call("create_offer", ice_servers=servers)
        sidecar.close_all()
        assert sidecar.descriptors <= before + 2  # the camera and the loopback server close some a little later


def test_a_process_without_descriptors_says_so() -> None:
    with limited(28) as sidecar:
        before = sidecar.descriptors
        answers = [sidecar.call("create_offer") for _ in range(12)]
        answers += sidecar.all_at_once(12, "create_offer")
        answers.append(sidecar.call("start_camera_local_session", device_id="test:pattern"))
        assert kinds(answers) == {"ok", "limit_exceeded"}
        sidecar.close_all()
        assert sidecar.descriptors <= before + 1
        assert "result" in sidecar.call("create_offer")
