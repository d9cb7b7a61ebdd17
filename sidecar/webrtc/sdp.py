"""A peer's session description, and what it says about the one video that we send (RFC 8866, RFC 9429)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from aioice import Candidate
from aiortc.rtcdtlstransport import X509_DIGEST_ALGORITHMS

from sidecar.contract.errors import InvalidCandidateError, InvalidSdpError
from sidecar.contract.types import SdpType
from sidecar.webrtc.ice.candidates import parse_candidate

logger = logging.getLogger(__name__)

MAX_LINES = 2048
MAX_CANDIDATES = 256

MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid"
ABS_SEND_TIME_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
PLAYOUT_DELAY_URI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
ABS_CAPTURE_TIME_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
TRANSPORT_NUMBER_URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

FEEDBACK: Final = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli", "rrtr")
"""What a viewer may send (RFC 4585, RFC 5104). "rrtr", libwebrtc's name for the reference times of RFC 3611, lets a
browser learn the round-trip time, without which it does not tell when a frame was captured."""

MAX_ONE_BYTE_ID = 14
"""The greatest id of the one-byte header form (RFC 8285, 4.2), the only one that we write."""

_ICE_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_DTLS_ROLES = {"active": "client", "passive": "server", "actpass": "auto"}
_PROFILE_LEVEL_ID = re.compile(r"[0-9A-Fa-f]{6}")
_PROFILES = (
    ((0x42, 0x4F, 0x40), (0x4D, 0x8F, 0x80), (0x58, 0xCF, 0xC0)),  # constrained baseline
    ((0x42, 0x4F, 0x00), (0x58, 0xCF, 0x80)),  # baseline
)
"""profile_idc, which bits of profile-iop count, and their values (RFC 6184, table 5). A stream of ours is constrained
baseline, which both can decode; the better fit first."""


@dataclass(frozen=True)
class Codec:
    """The H.264 payload format in use (RFC 6184), packetization-mode 1, and its retransmissions (RFC 4588).

    `feedback` is of FEEDBACK what both sides know.
    """

    payload_type: int = 102
    rtx_payload_type: int | None = 103
    profile_level_id: str = "42e01f"
    feedback: tuple[str, ...] = FEEDBACK


@dataclass(frozen=True)
class ExtensionIds:
    """The ids of RTP header extensions (RFC 8285), None where one is not in use."""

    mid: int | None = 1
    abs_send_time: int | None = 2
    playout_delay: int | None = 3
    abs_capture_time: int | None = 4
    transport_number: int | None = 5


@dataclass(frozen=True)
class Section:
    """A media section as it was received."""

    kind: str
    port: int
    profile: str
    formats: tuple[str, ...]
    attributes: dict[str, list[str]]

    def first(self, name: str) -> str | None:
        """The first value of an attribute; an attribute without a value has an empty one."""
        values = self.attributes.get(name)
        return values[0] if values else None

    @property
    def mid(self) -> str:
        return self.first("mid") or ""

    @property
    def is_rejected(self) -> bool:
        return self.port == 0 and "bundle-only" not in self.attributes


@dataclass(frozen=True)
class IceParameters:
    """The peer's ICE credentials."""

    username_fragment: str
    password: str = field(repr=False)
    is_lite: bool = False


@dataclass(frozen=True)
class RemoteDescription:
    """What a peer's description says about our one media section.

    `mid` and `index` name that section; `transport_mids` are the sections whose candidates reach it (BUNDLE).
    `dtls_role` is the peer's: client, server or auto.
    """

    type: SdpType
    sections: tuple[Section, ...]
    index: int
    transport_mids: frozenset[str]
    ice: IceParameters
    fingerprints: tuple[tuple[str, str], ...]
    dtls_role: str
    codec: Codec
    extensions: ExtensionIds
    candidates: tuple[Candidate, ...]
    has_all_candidates: bool

    @property
    def mid(self) -> str:
        return self.sections[self.index].mid


def parse_answer(sdp: str, *, mids: Sequence[str], index: int = 0) -> RemoteDescription:
    """Read the answer to an offer of ours, whose sections are `mids`, ours at `index`. Raises InvalidSdpError."""
    session, sections = _split(sdp)
    if [section.mid for section in sections] != list(mids):
        raise InvalidSdpError("the answer's media sections are not those of the offer")
    description = _describe("answer", session, sections, index)
    if description.dtls_role == "auto":
        raise InvalidSdpError("the answer has to choose a=setup:active or a=setup:passive")
    return description


def parse_offer(sdp: str) -> RemoteDescription:
    """Read an offer; its first video section that can receive H.264 is ours. Raises InvalidSdpError."""
    session, sections = _split(sdp)
    videos = [i for i, s in enumerate(sections) if s.kind == "video" and not s.is_rejected and _receives(s)]
    usable = [i for i in videos if _find_codec(sections[i]) is not None]
    if not videos:
        raise InvalidSdpError("the offer has no video section that receives")
    return _describe("offer", session, sections, (usable or videos)[0])


def _split(sdp: str) -> tuple[Section, tuple[Section, ...]]:
    """The session part, as a section without a kind, and the media sections."""
    lines = sdp.splitlines()
    if not sdp.startswith("v=0") or len(lines) > MAX_LINES:
        raise InvalidSdpError("this is no session description")
    session = Section("", 0, "", (), {})
    sections: list[Section] = []
    for line in lines:
        if line.startswith("m="):
            sections.append(_parse_media_line(line))
        elif line.startswith("a="):
            name, _, value = line[2:].partition(":")
            target = sections[-1] if sections else session
            target.attributes.setdefault(name.strip(), []).append(value.strip())
    return session, tuple(sections)


def _parse_media_line(line: str) -> Section:
    words = line[2:].split()
    if len(words) < 4 or not words[1].isdecimal():
        raise InvalidSdpError("a media line of the description cannot be read")
    return Section(words[0], int(words[1]), words[2], tuple(words[3:]), {})


def _describe(kind: SdpType, session: Section, sections: tuple[Section, ...], index: int) -> RemoteDescription:
    ours = sections[index]
    if ours.kind != "video" or ours.is_rejected:
        raise InvalidSdpError("the description has no video section in use")
    if not _receives(ours):
        raise InvalidSdpError(
            "the peer does not want to receive the video: its section is neither recvonly nor sendrecv"
        )
    if "rtcp-mux" not in ours.attributes:
        raise InvalidSdpError("the description has no a=rtcp-mux")
    codec = _find_codec(ours)
    if codec is None:
        raise InvalidSdpError("the peer does not receive H.264 with packetization-mode=1")
    mids = _bundled_with(session, ours.mid)
    # The transport's attributes stand in the section itself, or in the one that its BUNDLE group is tagged with
    # (RFC 9429, 5.2.1), or in the session part.
    tagged = next((s for s in sections if s.mid in mids and "ice-ufrag" in s.attributes), ours)
    sources = (ours, tagged, session)
    return RemoteDescription(
        type=kind,
        sections=sections,
        index=index,
        transport_mids=mids,
        ice=_ice_parameters(sources),
        fingerprints=_fingerprints(sources),
        dtls_role=_dtls_role(sources),
        codec=codec,
        extensions=_extension_ids(ours),
        candidates=_candidates(s for s in sections if s.mid in mids),
        has_all_candidates="end-of-candidates" in ours.attributes or "end-of-candidates" in session.attributes,
    )


def _receives(section: Section) -> bool:
    return "sendonly" not in section.attributes and "inactive" not in section.attributes


def _bundled_with(session: Section, mid: str) -> frozenset[str]:
    for group in session.attributes.get("group", ()):
        semantics, *mids = group.split()
        if semantics == "BUNDLE" and mid in mids:
            return frozenset(mids)
    return frozenset({mid})


def _attribute(sources: Sequence[Section], name: str) -> str | None:
    return next((value for source in sources if (value := source.first(name)) is not None), None)


def _ice_parameters(sources: Sequence[Section]) -> IceParameters:
    fragment, password = _attribute(sources, "ice-ufrag") or "", _attribute(sources, "ice-pwd") or ""
    if not (
        4 <= len(fragment) <= 256 and 22 <= len(password) <= 256 and _ICE_CHARACTERS.issuperset(fragment + password)
    ):
        raise InvalidSdpError("the description has no valid ICE user name fragment and password")
    return IceParameters(fragment, password, _attribute(sources, "ice-lite") is not None)


def _fingerprints(sources: Sequence[Section]) -> tuple[tuple[str, str], ...]:
    values = next((s.attributes["fingerprint"] for s in sources if "fingerprint" in s.attributes), [])
    pairs = [(algorithm.lower(), value) for algorithm, _, value in (text.partition(" ") for text in values)]
    known = tuple((algorithm, value.strip()) for algorithm, value in pairs if algorithm in X509_DIGEST_ALGORITHMS)
    if not known:
        raise InvalidSdpError("the description has no fingerprint of a certificate")
    return known


def _dtls_role(sources: Sequence[Section]) -> str:
    role = _DTLS_ROLES.get(_attribute(sources, "setup") or "")
    if role is None:
        raise InvalidSdpError("the description has no valid a=setup")
    return role


def _by_payload_type(section: Section, name: str) -> dict[str, str]:
    return {number: rest.strip() for number, _, rest in (v.partition(" ") for v in section.attributes.get(name, ()))}


def _parameters(fmtp: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in fmtp.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _find_codec(section: Section) -> Codec | None:
    formats = _by_payload_type(section, "fmtp")
    names = {number: name.lower() for number, name in _by_payload_type(section, "rtpmap").items()}
    found: list[tuple[int, Codec]] = []
    for number in section.formats:
        parameters = _parameters(formats.get(number, ""))
        if names.get(number) != "h264/90000" or parameters.get("packetization-mode") != "1":
            continue
        level_id = parameters.get("profile-level-id", "42000a")  # baseline, level 1 (RFC 6184, 8.1)
        rank = _rank(level_id)
        if rank is not None and number.isdecimal() and int(number) < 128:
            rtx = _find_rtx(section, names, formats, number)
            found.append((rank, Codec(int(number), rtx, level_id, _find_feedback(section, number))))
    return min(found, key=lambda item: item[0])[1] if found else None


def _rank(profile_level_id: str) -> int | None:
    if not _PROFILE_LEVEL_ID.fullmatch(profile_level_id):
        return None
    profile_idc, profile_iop, _ = bytes.fromhex(profile_level_id)
    for rank, forms in enumerate(_PROFILES):
        if any(profile_idc == idc and profile_iop & mask == bits for idc, mask, bits in forms):
            return rank
    return None


def _find_rtx(section: Section, names: dict[str, str], formats: dict[str, str], number: str) -> int | None:
    for candidate in section.formats:
        is_rtx = names.get(candidate) == "rtx/90000" and candidate.isdecimal()
        if is_rtx and _parameters(formats.get(candidate, "")).get("apt") == number:
            return int(candidate)
    return None


def _find_feedback(section: Section, number: str) -> tuple[str, ...]:
    listed = (value.partition(" ") for value in section.attributes.get("rtcp-fb", ()))
    kinds = {kind.strip() for formats, _, kind in listed if formats in (number, "*")}
    return tuple(kind for kind in FEEDBACK if kind in kinds)


def _extension_ids(section: Section) -> ExtensionIds:
    ids: dict[str, int] = {}
    for value in section.attributes.get("extmap", ()):
        number, _, rest = value.partition(" ")
        number = number.partition("/")[0]
        if number.isdecimal() and 0 < int(number) <= MAX_ONE_BYTE_ID and rest:
            ids[rest.split()[0]] = int(number)
    uris = (MID_URI, ABS_SEND_TIME_URI, PLAYOUT_DELAY_URI, ABS_CAPTURE_TIME_URI, TRANSPORT_NUMBER_URI)
    return ExtensionIds(*(ids.get(uri) for uri in uris))


def _candidates(sections: Iterable[Section]) -> tuple[Candidate, ...]:
    lines = [line for section in sections for line in section.attributes.get("candidate", ())]
    found = []
    for line in lines[:MAX_CANDIDATES]:
        try:
            found.append(parse_candidate(f"candidate:{line}"))
        except InvalidCandidateError:
            logger.info("a candidate in the description cannot be read and is left out")
    return tuple(found)
