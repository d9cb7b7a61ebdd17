"""The RTP header extensions of a video section (RFC 8285)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from sidecar.contract.errors import InvalidSdpError
from sidecar.webrtc.sdp.syntax import Section, parse_number

MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid"
ABS_SEND_TIME_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
PLAYOUT_DELAY_URI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
ABS_CAPTURE_TIME_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
TRANSPORT_NUMBER_URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

MAX_ONE_BYTE_ID = 14
"""The greatest id of the one-byte header form (RFC 8285, 4.2), the only form that the sidecar writes."""

MAX_EXTENSIONS: Final = 256
"""a=extmap lines of one section: the ids of the two-byte form (RFC 8285, 4.3)."""

_SENDABLE: Final = ("", "sendrecv", "recvonly")
"""Directions in a peer's a=extmap (RFC 8285, 5) that let the other side send the extension."""


class ExtensionIds(NamedTuple):
    """The ids of RTP header extensions (RFC 8285), None where one is not in use."""

    mid: int | None = 1
    abs_send_time: int | None = 2
    playout_delay: int | None = 3
    abs_capture_time: int | None = 4
    transport_number: int | None = 5


def extension_ids(section: Section, session: Section) -> ExtensionIds:
    """Return the ids that the peer's section gives, or its session part. Raises InvalidSdpError for too many."""
    ids = {**_ids(session.values("extmap")), **_ids(section.values("extmap"))}
    if section.mid is None:
        ids.pop(MID_URI, None)
    uris = (MID_URI, ABS_SEND_TIME_URI, PLAYOUT_DELAY_URI, ABS_CAPTURE_TIME_URI, TRANSPORT_NUMBER_URI)
    return ExtensionIds(*(ids.get(uri) for uri in uris))


def _ids(extmaps: list[str]) -> dict[str, int]:
    if len(extmaps) > MAX_EXTENSIONS:
        raise InvalidSdpError(f"a section of the description has more than {MAX_EXTENSIONS} header extensions")
    return {uri: number for uri, number in _pairs(reversed(extmaps)) if number is not None}


def _pairs(extmaps: Iterable[str]) -> Iterable[tuple[str, int | None]]:
    for value in extmaps:
        name, _, rest = value.partition(" ")
        number, _, direction = name.partition("/")
        uri = rest.strip().partition(" ")[0]
        if direction in _SENDABLE:
            yield uri, parse_number(number, MAX_ONE_BYTE_ID) or None
