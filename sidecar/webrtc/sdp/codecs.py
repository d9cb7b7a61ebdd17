"""The H.264 payload format that a peer receives, or the reason why there is none (RFC 6184, RFC 4588)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from sidecar.contract.errors import InvalidSdpError
from sidecar.webrtc.sdp.syntax import MAX_FORMATS, Section, parse_number

FEEDBACK: Final = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli", "rrtr")
"""Feedback messages that a viewer may send (RFC 4585, RFC 5104). "rrtr" is libwebrtc's name for the reference times of
RFC 3611: with them a browser learns the round-trip time, without which it does not tell when a frame was captured."""

MAX_PAYLOAD_TYPE: Final = 127
MAX_FORMAT_LINES: Final = 8 * MAX_FORMATS
"""Lines of one kind (a=rtpmap, a=fmtp, a=rtcp-fb) in one section; browsers write up to six a=rtcp-fb for a format."""

MAX_PARAMETERS: Final = 64
"""Parameters of one format. RFC 6184 and its extensions define about 40."""

HINT: Final = (
    "Receive the video where H.264 can be decoded: Firefox has to have downloaded its OpenH264 plugin, a Chromium "
    "build needs its proprietary codecs, other programs must enable H.264 (constrained baseline, packetization-mode=1)."
)

_MAX_NAMED: Final = 16
_NO_CODECS: Final = frozenset(("rtx", "red", "ulpfec", "flexfec-03"))
"""Encoding names of repair formats (RFC 4588, RFC 2198, RFC 5109, RFC 8627)."""

_BASELINE_LEVEL_1: Final = "42000a"
"""The profile-level-id of a format without one (RFC 6184, 8.1)."""

_NAME: Final = r"([A-Za-z0-9][A-Za-z0-9._-]{0,31})/"
_PROFILE_LEVEL_ID = re.compile(r"[0-9A-Fa-f]{6}")
_PROFILES = (
    ((0x42, 0x4F, 0x40), (0x4D, 0x8F, 0x80), (0x58, 0xCF, 0xC0)),  # constrained baseline
    ((0x42, 0x4F, 0x00), (0x58, 0xCF, 0x80)),  # baseline
)
"""profile_idc, the bits of profile-iop that count, and their values (RFC 6184, table 5). The sidecar's stream is
constrained baseline, which decoders of both profiles take; the better fit comes first."""


class Codec(NamedTuple):
    """The H.264 payload format in use (RFC 6184), packetization-mode 1, and its retransmissions (RFC 4588).

    `feedback` are the messages of FEEDBACK that both sides know.
    """

    payload_type: int = 102
    rtx_payload_type: int | None = 103
    profile_level_id: str = "42e01f"
    feedback: tuple[str, ...] = FEEDBACK


class _Format:
    """A format that a media line lists, with the encoding name and the parameters that belong to it."""

    def __init__(self, number: str, encoding: str, parameters: dict[str, str]) -> None:
        self.number = number
        self.encoding = encoding
        self.parameters = parameters

    @property
    def is_h264(self) -> bool:
        return self.encoding == "h264/90000" and parse_number(self.number, MAX_PAYLOAD_TYPE) is not None

    @property
    def has_mode_1(self) -> bool:
        return self.parameters.get("packetization-mode") == "1"

    @property
    def profile_level_id(self) -> str:
        return self.parameters.get("profile-level-id", _BASELINE_LEVEL_1)

    @property
    def rank(self) -> int | None:
        """The place of the profile in _PROFILES, None for a profile that is not there."""
        if not _PROFILE_LEVEL_ID.fullmatch(self.profile_level_id):
            return None
        profile_idc, profile_iop, _ = bytes.fromhex(self.profile_level_id)
        for rank, forms in enumerate(_PROFILES):
            if any(profile_idc == idc and profile_iop & mask == bits for idc, mask, bits in forms):
                return rank
        return None


def find_codec(section: Section, running: Codec | None = None) -> Codec | None:
    """Return the best H.264 format of a section that can be sent, None when there is none.

    While a video is `running` its payload type is the best. Raises InvalidSdpError for a section beyond a limit of this
    module.
    """
    formats = _formats(section)
    usable = [(each.rank, each) for each in formats if each.is_h264 and each.has_mode_1 and each.rank is not None]
    if not usable:
        return None
    in_use = str(running.payload_type) if running is not None else None
    _, best = min(usable, key=lambda item: (item[1].number != in_use, item[0]))
    number = best.number
    return Codec(int(number), _rtx_of(formats, number), best.profile_level_id, _feedback(section, number))


def no_codec_error(section: Section) -> InvalidSdpError:
    """Return the error that says why find_codec() found no format; `details.codecs` names the peer's codecs."""
    formats = _formats(section)
    h264 = [each for each in formats if each.is_h264]
    if any(each.has_mode_1 for each in h264):
        message = "the peer receives H.264, but not its constrained baseline profile: profile-level-id 42e0…"
    elif h264:
        message = "the peer receives H.264, but not with packetization-mode=1"
    else:
        message = "the peer has no H.264, the only codec that the sidecar sends"
    named = (re.match(_NAME, value.partition(" ")[2].strip()) for value in section.values("rtpmap"))
    names = dict.fromkeys(match[1] for match in named if match is not None and match[1].lower() not in _NO_CODECS)
    return InvalidSdpError(message, hint=HINT, details={"codecs": list(names)[:_MAX_NAMED]})


def rejected_error(running: Codec | None = None) -> InvalidSdpError:
    """Return the error for a video section with port 0: browsers reject a section when they share no codec.

    They write the same when the transceiver of a `running` video is stopped (W3C RTCRtpTransceiver.stop).
    """
    if running is not None:
        message = "the description stops the running video (m=video 0)"
        return InvalidSdpError(message, hint="Call close_connection to end the connection.")
    message = "the peer rejected the video (m=video 0): most likely it has no H.264"
    return InvalidSdpError(message, hint=HINT)


def _formats(section: Section) -> list[_Format]:
    for name in ("rtpmap", "fmtp", "rtcp-fb"):
        if len(section.values(name)) > MAX_FORMAT_LINES:
            raise InvalidSdpError(f"a section of the description has more than {MAX_FORMAT_LINES} a={name} lines")
    names: dict[str, str] = {}
    parameters: dict[str, dict[str, str]] = {}
    for value in section.values("rtpmap"):
        number, _, encoding = value.partition(" ")
        names[number] = encoding.strip().lower()
    for value in section.values("fmtp"):
        number, _, text = value.partition(" ")
        parameters.setdefault(number, {}).update(_parameters(text))
    return [_Format(number, names.get(number, ""), parameters.get(number, {})) for number in section.formats]


def _parameters(text: str) -> dict[str, str]:
    """Return the parameters of an a=fmtp line; a second line for the same format adds its own."""
    if text.count(";") > MAX_PARAMETERS:
        raise InvalidSdpError(f"a format of the description has more than {MAX_PARAMETERS} parameters")
    pairs = (part.strip().partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name}


def _rtx_of(formats: list[_Format], number: str) -> int | None:
    for each in formats:
        if each.encoding == "rtx/90000" and each.parameters.get("apt") == number:
            return parse_number(each.number, MAX_PAYLOAD_TYPE)
    return None


def _feedback(section: Section, number: str) -> tuple[str, ...]:
    listed = (value.partition(" ") for value in section.values("rtcp-fb"))
    kinds = {" ".join(kind.split()) for formats, _, kind in listed if formats in (number, "*")}
    return tuple(kind for kind in FEEDBACK if kind in kinds)
