"""The lines of the fuzz: valid requests, mutations of them, and arbitrary bytes."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from random import Random
from typing import Any

from soaking.descriptions import swollen

from sidecar.contract.examples import CONNECTION_ID, DEVICE_ID, SESSION_ID
from sidecar.contract.methods import METHODS, SET_FORMAT, SET_REMOTE_DESCRIPTION, SHUTDOWN

REMEMBERED = 24
"""Connections and sessions to use in requests; older ones are closed, which keeps the number below the limits."""

# As text, because no Python value serialises to it.
HOSTILE_TEXTS = ("NaN", "-Infinity", "1e999", "-0", "1" * 5000, "0.1e-400", "[" * 300 + "]" * 300, "00", "'x'", "{}}")
HOSTILE_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**31, 2**63, 10**400, 1e308, "", "\0", " ", "\ud800", "\U0001f3a5", "\u202e"),
    *("x" * 3000, "../../etc/passwd", "%s%n", "__proto__", "rtsp:///", "file:", "camera-99999", [], {}, [[]], [{}]),
    *([0] * 2000, {"": {"": {}}}, {str(number): number for number in range(200)}),
)
# Only this machine's discard port: an accepted request makes the sidecar contact the server.
ICE_SERVERS = [{"urls": ["stun:127.0.0.1:9"], "username": "user", "credential": "secret"}]
UNTOUCHED = "urls"
DESCRIPTION_LINES = (
    *("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "m=video 9 UDP/TLS/RTP/SAVPF 102", "a=recvonly", "a=mid:0"),
    *("a=rtcp-mux", "a=rtpmap:102 H264/90000", "a=fmtp:102 packetization-mode=1", "a=ice-ufrag:abcd"),
    *("a=ice-pwd:abcdefghijklmnopqrstuv", "a=setup:active", "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), ""),
)
"""A valid answer, before a line is repeated in it."""

FORMATS = ({"width": 64, "height": 36, "fps": 30}, {"width": 96, "height": 54, "fps": 30}, {"fps": 10})
DEVICE_IDS = (*["test:pattern"] * 8, "file:/not/allowed", "no such camera")


class Lines:
    """An endless source of lines; the same seed and the same ids give the same lines."""

    def __init__(self, random: Random) -> None:
        self.connections: deque[str] = deque()
        self.sessions: deque[str] = deque()
        self._random = random
        self._count = 0
        self._kinds: tuple[tuple[Callable[[], bytes], int], ...] = (
            (self._valid, 20),
            (self._hostile_request, 40),
            (self._damaged, 25),
            (self._batch, 5),
            (self._same_id_twice, 3),
            (self._swollen_description, 1),
            (self._rubbish, 6),
            (self._blank, 1),
        )
        # A short run has a line of each kind as well.
        giants = (partial(self._giant, megabytes) for megabytes in (7, 9))
        self._unseen: list[Callable[[], bytes]] = [*(kind for kind, _ in self._kinds), self._deep, *giants]

    def next(self) -> bytes:
        """The next line, or some lines that belong together, with the line end."""
        rare = self._random.random()
        if self._unseen:
            line = self._unseen.pop()()
        elif rare < 0.00002:
            line = self._giant(self._random.choice((1, 7, 8, 9, 20)))
        elif rare < 0.001:
            line = self._deep()
        else:
            kinds, weights = zip(*self._kinds, strict=True)
            line = self._random.choices(kinds, weights)[0]()
        return line + self._random.choice((b"\n", b"\n", b"\n", b"\r\n"))

    def closing(self, keep: int = REMEMBERED) -> list[bytes]:
        """Requests that close all connections and sessions but the newest `keep` of each."""
        lines = []
        for method, ids in (("close_connection", self.connections), ("stop_streaming", self.sessions)):
            while len(ids) > keep:
                request = {"jsonrpc": "2.0", "id": self._id(), "method": method, "params": [ids.popleft()]}
                lines.append(_text(request) + b"\n")
        return lines

    # -- kinds of lines -----------------------------------------------------------------------------------------------

    def _valid(self) -> bytes:
        return _text(self._request())

    def _hostile_request(self) -> bytes:
        """A request with one invalid part."""
        request = self._request()
        if self._random.random() < 0.2:
            return self._with_hostile_text(request)
        self._spoil(request)
        return _text(request)

    def _damaged(self) -> bytes:
        """A request with some bytes changed, lost, doubled or added."""
        line = bytearray(_text(self._request(network=False)))
        for _ in range(self._random.randint(1, 4)):
            at = self._random.randrange(len(line) + 1)
            match self._random.randrange(5):
                case 0:
                    line[at : at + 1] = self._random.randbytes(1)
                case 1:
                    del line[at : at + self._random.randint(1, 20)]
                case 2:
                    line[at:at] = line[at : at + self._random.randint(1, 40)]
                case 3:
                    line[at:at] = self._random.choice((b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b'"', b"\\u"))
                case 4:
                    del line[at:]
            line = line or bytearray(b"x")
        return bytes(line)

    def _batch(self) -> bytes:
        items = []
        for _ in range(self._random.choice((0, 1, 2, 5, 99, 100, 101))):
            item: Any = {"jsonrpc": "2.0", "id": self._id(), "method": "ping"}
            match self._random.randrange(6):
                case 0:
                    self._spoil(item)
                case 1:
                    del item["id"]
                case 2:
                    item = deepcopy(self._random.choice(HOSTILE_VALUES))
            items.append(item)
        return _text(items)

    def _same_id_twice(self) -> bytes:
        request = self._request()
        return _text(request) + b"\n" + _text({**self._request(), "id": request.get("id")})

    def _swollen_description(self) -> bytes:
        """An offer or answer in which one part is repeated thousands of times."""
        described = SET_REMOTE_DESCRIPTION.example.params["description"]
        request: dict[str, Any] = {"jsonrpc": "2.0", "id": self._id(), "method": "set_remote_description"}
        sdp = swollen("\r\n".join(DESCRIPTION_LINES), self._random)
        request["params"] = {
            "connection_id": self._param("connection_id", CONNECTION_ID),
            "description": {**described, "type": self._random.choice(("offer", "answer")), "sdp": sdp},
        }
        return _text(request)

    def _rubbish(self) -> bytes:
        match self._random.randrange(3):
            case 0:
                return self._random.randbytes(self._random.randint(1, 200))
            case 1:
                return _text(self._random.choice(HOSTILE_VALUES))
        return "".join(self._random.choices('{}[]":,\\ 0e-.truefalsn', k=self._random.randint(1, 80))).encode()

    def _blank(self) -> bytes:
        return self._random.choice((b"", b" ", b"\t \t", b"\n\n"))

    def _giant(self, megabytes: int) -> bytes:
        """A line near the length limit, 8 MiB, or far above it."""
        size = megabytes * 1024 * 1024 + self._random.randint(-100, 100)
        return b'{"jsonrpc":"2.0","id":%d,"method":"%b"}' % (self._id(), b"x" * size)

    def _deep(self) -> bytes:
        """A nesting depth far below or far above Python's recursion limit."""
        depth = self._random.choice((200, 200_000))
        left, right = self._random.choice(((b"[", b"]"), (b'{"a":', b"}")))
        nested = left * depth + b"0" + right * depth
        return b'{"jsonrpc":"2.0","id":%d,"method":"ping","params":[%b]}' % (self._id(), nested)

    # -- their parts --------------------------------------------------------------------------------------------------

    def _request(self, *, network: bool = True) -> dict[str, Any]:
        method = self._random.choice([row for row in METHODS if row is not SHUTDOWN])
        params = {name: self._param(name, value) for name, value in method.example.params.items()}
        if method.name.startswith("start_") or method is SET_FORMAT:
            params["format"] = dict(self._random.choice(FORMATS))
        if "ice_servers" in params:
            # An offer resolves host names, which must not come from a damaged address.
            params["ice_servers"] = deepcopy(ICE_SERVERS) if network else []
        request: dict[str, Any] = {"jsonrpc": "2.0", "id": self._id(), "method": method.name, "params": params}
        if self._random.random() < 0.1:
            request["params"] = list(params.values())
        if self._random.random() < 0.05:
            del request["id"]
        return request

    def _param(self, name: str, value: Any) -> Any:
        newest = {CONNECTION_ID: self.connections, SESSION_ID: self.sessions}
        if value == DEVICE_ID:
            return self._random.choice(DEVICE_IDS)
        if value in (CONNECTION_ID, SESSION_ID):
            known = newest[value]
            return self._random.choice(known) if known else value
        return deepcopy(value)

    def _id(self) -> int:
        self._count += 1
        return self._count

    def _spoil(self, value: Any) -> None:
        """Change one place at any depth of an object or array."""
        holder, key = self._random.choice(_places(value))
        match self._random.randrange(4):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[self._random.choice(("", "id", "params", "\ud800", "x" * 300, f"{key} "))] = holder.pop(key)
            case 2:
                holder[key] = [holder[key]]
            case _:
                holder[key] = deepcopy(self._random.choice(HOSTILE_VALUES))

    def _with_hostile_text(self, request: dict[str, Any]) -> bytes:
        holder, key = self._random.choice(_places(request))
        holder[key] = "<here>"
        return _text(request).replace(b'"<here>"', self._random.choice(HOSTILE_TEXTS).encode())


def _text(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) in a value, without the addresses of servers."""
    places: list[tuple[Any, Any]] = []
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        if key != UNTOUCHED:
            places.append((value, key))
            places += _places(value[key])
    return places
