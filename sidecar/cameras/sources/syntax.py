"""The schemes of sources, and the characters that no source may hold."""

from __future__ import annotations

import re
from typing import Literal, cast, get_args

MAX_LENGTH = 2048
"""Characters of a source or a pattern."""

Scheme = Literal["file", "rtsp"]

_CONTROL_CHARACTER = "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"
"""Unicode's categories Cc, Zl, Zp and Cs. Expressions here are texts: they are compiled when a source is parsed first,
not at each start."""

_SCHEME = r"([A-Za-z][A-Za-z0-9+.-]{0,31}):(//)?"
_OTHER_SCHEMES = (
    r"concatf?|crypto|data|dtls|ftps?|gophers?|hls|https?|icecast|ipfs|ipns|lavfi|mms[ht]?|onvif|pipe|rist|rtmp[est]*"
    r"|rtp|rtsp[stu]|s?ftp|smb|srtp?|subfile|tcp|tee|tls|udp(?:lite)?|unix|webrtc|whe?i?p|wss?|zmq"
)
"""Schemes of FFmpeg's protocols and of media servers, which are recognised without `//`, too."""


class SourceSyntaxError(ValueError):
    """The text is no source. The message says how to write it and quotes no part of the text."""


class OtherSchemeError(SourceSyntaxError):
    """The text is a URL of a scheme that no source has."""


def scheme_of(text: str) -> Scheme | None:
    """Return the scheme of a source; None when `text` is no URL, such as the id of a camera.

    Raises OtherSchemeError for URLs with another scheme than file: and rtsp:.
    """
    found = re.match(_SCHEME, text.lstrip())
    if found is None:
        return None
    scheme = found[1].lower()
    for ours in get_args(Scheme):
        if scheme == ours:
            return cast(Scheme, ours)
    if found[2] or re.fullmatch(_OTHER_SCHEMES, scheme):
        raise OtherSchemeError("Only file: and rtsp: sources exist. Use the rtsp: address of a network camera.")
    return None


def check_characters(text: str) -> None:
    """Raise SourceSyntaxError when `text` is too long, or holds characters that forge log lines or end C strings."""
    if len(text) > MAX_LENGTH:
        raise SourceSyntaxError(f"A source has at most {MAX_LENGTH:,} characters.")
    if re.search(_CONTROL_CHARACTER, text):
        raise SourceSyntaxError("A source holds no control characters and no line ends.")
