"""Inputs of any length up to a limit of the contract, one for each kind of parser work that may grow quadratically."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LONGEST_LINE = 8 * 1024 * 1024
LONGEST_SDP = 256 * 1024
LONGEST_CANDIDATE = 1024
LONGEST_DEVICE_ID = 1024
LONGEST_ICE_URL = 512

AT_ONCE = 90
"""Requests in one batch, for inputs whose single time is too short to measure."""

CONNECTION = "<connection>"
"""The placeholder for the id of a connection, which is created for each measurement."""

SOURCES = ("file:/nowhere/*a*a*a*b", "rtsp://*.nowhere.invalid:554/*a*a*b")
"""Allowed sources with wildcards to compare device ids with; none of the sources exists."""

Text = Callable[[int], str]


@dataclass(frozen=True)
class Growing:
    """Lines of JSON-RPC, which `make` builds for a size up to `longest`.

    With `role`, the lines are for a connection that waits for the peer's "offer" or "answer".
    """

    name: str
    longest: int
    make: Callable[[int], bytes]
    role: str | None = None


def request(method: str, params: Any, number: int | str = 1) -> dict[str, Any]:
    """Return a request object."""
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def repeated(piece: str, before: str = "", after: str = "") -> Text:
    """Return a function that makes a text of at most the given size: repeated pieces between a begin and an end."""

    def text(size: int) -> str:
        return before + piece * ((size - len(before) - len(after)) // len(piece)) + after

    return text


def numbered(piece: str, before: str = "", after: str = "") -> Text:
    """As `repeated`, with a different number for `#` in each piece."""

    def text(size: int) -> str:
        made, left = [before], size - len(before) - len(after)
        while (left := left - len(one := piece.replace("#", str(len(made))))) >= 0:
            made.append(one)
        return "".join(made) + after

    return text


# -- JSON -------------------------------------------------------------------------------------------------------------

PING = '{"jsonrpc":"2.0","id":1,"method":"ping","params":'
OPEN = '{"jsonrpc":"2.0","id":1,"method":"create_peer_connection","params":{"ice_servers":'
LINES: dict[str, Text] = {
    "unknown parameters": numbered('"p#":0,', PING + "{", '"x":0}}'),
    "unknown members": numbered('"p#":0,', '{"id":1,', '"x":0}'),
    "parameters by position": repeated("0,", PING + "[", "0]}"),
    "one long text": repeated("x", PING + '["', '"]}'),
    "escapes": repeated("\\u00e9", PING + '["', '"]}'),
    "a text without an end": repeated('\\"', PING + '["'),
    "a long method": repeated("x", '{"jsonrpc":"2.0","id":1,"method":"', '"}'),
    "digits": repeated("9", PING + "[", "]}"),
    "a long id": repeated("9", '{"jsonrpc":"2.0","method":"ping","id":', "}"),
    "brackets": repeated("[", PING),
    "objects in objects": repeated('{"a":', PING),
    "ICE servers": repeated('{"urls":"stun:a"},', OPEN + "[", '{"urls":"stun:a"}]}}'),
    "members of an ICE server": numbered('"p#":0,', OPEN + '[{"urls":"stun:a",', '"x":0}]}}'),
    "ICE server URLs": repeated('"stun:a",', OPEN + '[{"urls":[', '"stun:a"]}]}}'),
    "a batch": repeated(PING + "[]},", "[", PING + "[]}]"),
    "spaces": repeated(" ", PING, "{}}"),
}

# -- session descriptions ---------------------------------------------------------------------------------------------

SESSION = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
CREDENTIALS = "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 " + ":".join(["AB"] * 32)
TRANSPORT = f"c=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\na=recvonly\r\n{CREDENTIALS}\r\n"
FORMATS = "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=42e01f\r\n"
SETUP = "a=setup:active\r\n"
VIDEO = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" + TRANSPORT + SETUP
WHOLE = SESSION + "a=group:BUNDLE 0\r\n" + VIDEO + FORMATS
AFTER_FORMATS = "\r\n" + TRANSPORT + SETUP + FORMATS
M_LINE = "m=video 9 UDP/TLS/RTP/SAVPF 96"

DESCRIPTIONS: dict[str, Text] = {
    "one payload type again and again": repeated(" 96", SESSION + M_LINE, AFTER_FORMATS),
    "payload types": numbered(" #", SESSION + M_LINE, AFTER_FORMATS),
    "payload types with their codec": numbered("a=rtpmap:# H264/90000\r\n", WHOLE),
    "format parameters of one payload type": repeated("a=fmtp:96 packetization-mode=1\r\n", WHOLE),
    "format parameters in one line": numbered(";p#=1", WHOLE + "a=fmtp:96 packetization-mode=1", "\r\n"),
    "feedback": repeated("a=rtcp-fb:96 nack pli\r\n", WHOLE),
    "header extensions": numbered("a=extmap:# urn:ietf:params:rtp-hdrext:sdes:mid\r\n", WHOLE),
    "candidates": numbered("a=candidate:# 1 udp 1 127.0.0.1 9 typ host\r\n", WHOLE),
    "fingerprints": repeated("a=fingerprint:sha-256 AB:AB\r\n", WHOLE),
    "sources": numbered("a=ssrc:# cname:x\r\n", WHOLE),
    "groups": repeated("a=group:BUNDLE 0\r\n", SESSION, VIDEO + FORMATS),
    "members of a group": numbered(" #", SESSION + "a=group:BUNDLE 0", "\r\n" + VIDEO + FORMATS),
    "media sections": numbered("m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:x#\r\n", WHOLE),
    "rejected media sections": numbered("m=audio 0 UDP/TLS/RTP/SAVPF 0\r\na=mid:x#\r\n", WHOLE),
    "layers": numbered("a=rid:# recv\r\n", WHOLE),
    "alternatives of layers": numbered(";#", WHOLE + "a=simulcast:recv 0", "\r\n"),
    "attributes": numbered("a=x#:y\r\n", WHOLE),
    "empty lines": repeated("\r\n", WHOLE),
    "carriage returns": repeated("\r", WHOLE),
    "one long line": repeated("x", WHOLE + "a=", "\r\n"),
    "spaces": repeated(" ", WHOLE + "a=fmtp:96", "x\r\n"),
    "colons": repeated(":", WHOLE + "a=fingerprint", "\r\n"),
}

# -- short texts ------------------------------------------------------------------------------------------------------

CANDIDATE = "candidate:1 1 udp 1 127.0.0.1 9 typ host"
CANDIDATES: dict[str, Text] = {
    "a long foundation": repeated("1", "candidate:", " 1 udp 1 127.0.0.1 9 typ host"),
    "a long port": repeated("9", "candidate:1 1 udp 1 127.0.0.1 ", " typ host"),
    "a long address": repeated(":", "candidate:1 1 udp 1 ", " 9 typ host"),
    "a long name": repeated("a.", "candidate:1 1 udp 1 ", "local 9 typ host"),
    "extensions": repeated(" x y", CANDIDATE),
    "generations": repeated(" ufrag abcd", CANDIDATE),
    "spaces": repeated(" ", CANDIDATE),
    "types": repeated(" typ host", CANDIDATE),
}
ICE_URLS: dict[str, Text] = {
    "a long host": repeated("a", "stun:"),
    "dots": repeated("a.", "turn:", "?transport=tcp"),
    "colons": repeated(":", "stun:"),
    "brackets": repeated("[", "turns:"),
    "an address": repeated("0:", "stun:[", "1]:1"),
    "a long port": repeated("9", "stun:a:"),
    "parameters": repeated("?transport=udp", "turn:a"),
    "percent signs": repeated("%41", "stun:"),
}
DEVICE_IDS: dict[str, Text] = {
    "a name": repeated("x"),
    "a number": repeated("9", "camera-"),
    "another pattern": repeated("9", "test:pattern-"),
    "a path that nearly matches": repeated("a", "file:/nowhere/", "c"),
    "parents": repeated("../", "file:/nowhere/"),
    "escaped parents": repeated("..%2f", "file:/nowhere/"),
    "slashes": repeated("/", "file:/nowhere"),
    "escapes": repeated("%61", "file:/nowhere/"),
    "a host that nearly matches": repeated("a.", "rtsp://", "nowhere.invalid:554/c"),
    "a path on a host": repeated("a/", "rtsp://x.nowhere.invalid:554/", "c"),
    "user names": repeated("a@", "rtsp://", "x.nowhere.invalid:554/c"),
    "colons": repeated(":", "rtsp://"),
    "brackets": repeated("[", "rtsp://", "]:554/"),
    "queries": repeated("a=b&", "rtsp://x.nowhere.invalid:554/a?", "c"),
}


def growing_inputs() -> list[Growing]:
    """Return all inputs."""
    inputs = [Growing(f"a line with {name}", LONGEST_LINE, _line(text)) for name, text in LINES.items()]
    for role in ("offer", "answer"):
        for name, text in DESCRIPTIONS.items():
            inputs.append(Growing(f"an {role} with {name}", LONGEST_SDP, _description(role, text), role))
    for name, text in CANDIDATES.items():
        make = _batch("add_ice_candidate", lambda value: [CONNECTION, {"candidate": value, "sdpMid": "0"}], text)
        inputs.append(Growing(f"a candidate with {name}", LONGEST_CANDIDATE, make, "answer"))
    for name, text in ICE_URLS.items():
        servers = _batch("create_peer_connection", lambda value: [[{"urls": [value] * 8}] * 4], text)
        inputs.append(Growing(f"an ICE server with {name}", LONGEST_ICE_URL, servers))
    for name, text in DEVICE_IDS.items():
        streams = _batch("start_streaming", lambda value: [value], text)
        inputs.append(Growing(f"a device_id with {name}", LONGEST_DEVICE_ID, streams))
    return inputs


def _line(text: Text) -> Callable[[int], bytes]:
    return lambda size: text(size).encode() + b"\n"


def _description(role: str, text: Text) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        params = [CONNECTION, {"type": role, "sdp": text(size)}]
        return json.dumps(request("set_remote_description", params)).encode() + b"\n"

    return make


def _batch(method: str, params: Callable[[str], Any], text: Text) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        batch = [request(method, params(text(size)), number) for number in range(AT_ONCE)]
        return json.dumps(batch).encode() + b"\n"

    return make
