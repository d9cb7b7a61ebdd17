"""Candidate lines of session descriptions and of trickled candidates (RFC 8839, 5.1)."""

from __future__ import annotations

import re

from aioice import Candidate

from sidecar.contract.errors import InvalidCandidateError
from sidecar.webrtc.sdp.syntax import MAX_PORT

CANDIDATE_TYPES = ("host", "srflx", "prflx", "relay")

_GRAMMAR = re.compile(
    r"(?:a=)?candidate:(?P<foundation>[A-Za-z0-9+/]{1,32}) (?P<component>[0-9]{1,3}) (?P<transport>[!-~]{1,32}) "
    r"(?P<priority>[0-9]{1,10}) (?P<address>[!-~]{1,255}) (?P<port>[0-9]{1,5}) typ (?P<type>[!-~]{1,32})"
    r"(?P<extensions>(?: [!-~]+)*)"
)

MAX_LENGTH = 1024
"""Characters of a candidate line. A host name has at most 255, and browsers' lines have some 200."""

MAX_PRIORITY = 2**32 - 1
"""The greatest value of the attribute PRIORITY (RFC 8445, 16.1); aioice has no limit of its own."""


def parse_candidate(line: str) -> Candidate:
    """Return a remote candidate.

    Raises InvalidCandidateError when the line is longer than MAX_LENGTH or not as the grammar of RFC 8839, 5.1 says.
    """
    match = _GRAMMAR.fullmatch(line.strip(" \r\n")) if len(line) <= MAX_LENGTH else None
    if (
        match is None
        or int(match["port"]) > MAX_PORT
        or int(match["priority"]) > MAX_PRIORITY
        or match["type"] not in CANDIDATE_TYPES
    ):
        raise InvalidCandidateError("the candidate cannot be read")
    return Candidate(
        foundation=match["foundation"],
        component=int(match["component"]),
        transport=match["transport"],
        priority=int(match["priority"]),
        host=match["address"],
        port=int(match["port"]),
        type=match["type"],
    )
