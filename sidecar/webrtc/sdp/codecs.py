"""The payload format that a peer receives, or the reason why there is none (RFC 8866, RFC 4588)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from sidecar.contract.errors import InvalidSdpError
from sidecar.media.codec import Codec, FormatMatch
from sidecar.media.h264 import H264
from sidecar.webrtc.sdp.syntax import MAX_FORMATS, Section, parse_number

CODEC: Final[Codec] = H264
"""The codec of the video that the sidecar sends."""

FEEDBACK: Final = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli", "rrtr")
"""Feedback messages that a viewer may send (RFC 4585, RFC 5104). "rrtr" is libwebrtc's name for the reference times of
RFC 3611: with them a browser learns the round-trip time, without which it does not tell when a frame was captured."""

MAX_PAYLOAD_TYPE: Final = 127
MAX_FORMAT_LINES: Final = 8 * MAX_FORMATS
"""Lines of one kind (a=rtpmap, a=fmtp, a=rtcp-fb) in one section; browsers write up to six a=rtcp-fb for a format."""

MAX_PARAMETERS: Final = 64
"""Parameters of one format. RFC 6184 and its extensions define about 40."""

_MAX_NAMED: Final = 16
_NO_CODECS: Final = frozenset(("rtx", "red", "ulpfec", "flexfec-03"))
"""Encoding names of repair formats (RFC 4588, RFC 2198, RFC 5109, RFC 8627)."""

_RTPMAP: Final = f"{CODEC.encoding_name}/{CODEC.clock_rate}"
_NAME: Final = r"([A-Za-z0-9][A-Za-z0-9._-]{0,31})/"


class CodecParameters(NamedTuple):
    """The payload format in use (W3C RTCRtpCodecParameters) and its retransmissions (RFC 4588).

    `fmtp` are its parameters in a=fmtp, `feedback` the messages of FEEDBACK that both sides know.
    """

    payload_type: int = 102
    rtx_payload_type: int | None = 103
    fmtp: str = CODEC.fmtp
    feedback: tuple[str, ...] = FEEDBACK

    @property
    def rtpmap(self) -> str:
        """The encoding name and the clock rate, for an a=rtpmap line."""
        return _RTPMAP


class _Format:
    """A format that a media line lists, with the encoding name and the parameters that belong to it."""

    def __init__(self, number: str, encoding: str, parameters: dict[str, str]) -> None:
        self.number = number
        self.encoding = encoding
        self.parameters = parameters

    @property
    def is_of_codec(self) -> bool:
        is_numbered = parse_number(self.number, MAX_PAYLOAD_TYPE) is not None
        return is_numbered and self.encoding == _RTPMAP.lower()

    @property
    def match(self) -> FormatMatch | None:
        return CODEC.match(self.parameters) if self.is_of_codec else None


def find_codec(section: Section, running: CodecParameters | None = None) -> CodecParameters | None:
    """Return the best format of a section that can be sent, None when there is none.

    While a video is `running` its payload type is the best. Raises InvalidSdpError for a section beyond a limit of this
    module.
    """
    formats = _formats(section)
    usable = [(match, each.number) for each in formats if (match := each.match) is not None]
    if not usable:
        return None
    in_use = str(running.payload_type) if running is not None else None
    best, number = min(usable, key=lambda item: (item[1] != in_use, item[0].rank))
    return CodecParameters(int(number), _rtx_of(formats, number), best.fmtp, _feedback(section, number))


def no_codec_error(section: Section) -> InvalidSdpError:
    """Return the error that says why find_codec() found no format; `details.codecs` names the peer's codecs."""
    message = CODEC.mismatch([each.parameters for each in _formats(section) if each.is_of_codec])
    named = (re.match(_NAME, value.partition(" ")[2].strip()) for value in section.values("rtpmap"))
    names = dict.fromkeys(match[1] for match in named if match is not None and match[1].lower() not in _NO_CODECS)
    return InvalidSdpError(message, hint=CODEC.receiver_hint, details={"codecs": list(names)[:_MAX_NAMED]})


def rejected_error(running: CodecParameters | None = None) -> InvalidSdpError:
    """Return the error for a video section with port 0: browsers reject a section when they share no codec.

    They write the same when the transceiver of a `running` video is stopped (W3C RTCRtpTransceiver.stop).
    """
    if running is not None:
        message = "the description stops the running video (m=video 0)"
        return InvalidSdpError(message, hint="Call close_connection to end the connection.")
    message = f"the peer rejected the video (m=video 0): most likely it has no {CODEC.title}"
    return InvalidSdpError(message, hint=CODEC.receiver_hint)


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
