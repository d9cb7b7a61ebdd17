"""The kinds of sources by their scheme, and what no source's text may hold."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, cast, get_args

MAX_LENGTH = 2048
"""Characters of a source or a pattern."""

Scheme = Literal["file", "rtsp"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,31}):(//)?")
_OTHER_SCHEMES = re.compile(
    r"concatf?|crypto|data|dtls|ftps?|gophers?|hls|https?|icecast|ipfs|ipns|lavfi|mms[ht]?|onvif|pipe|rist|rtmp[est]*"
    r"|rtp|rtsp[stu]|s?ftp|smb|srtp?|subfile|tcp|tee|tls|udp(?:lite)?|unix|webrtc|whe?i?p|wss?|zmq"
)
"""Schemes of FFmpeg's protocols and of media servers, which are recognised without `//`, too."""


class SourceSyntaxError(ValueError):
    """The text is no source. The message says what to write instead and quotes nothing of the text."""


class OtherSchemeError(SourceSyntaxError):
    """The text is a URL of a scheme that no source has."""


def scheme_of(text: str) -> Scheme | None:
    """Return the scheme of a source; None when `text` is no URL, such as the id of a camera.

    Raises OtherSchemeError for URLs with another scheme than file: and rtsp:.
    """
    found = _SCHEME.match(text.lstrip())
    if found is None:
        return None
    scheme = found[1].lower()
    for ours in get_args(Scheme):
        if scheme == ours:
            return cast(Scheme, ours)
    if found[2] or _OTHER_SCHEMES.fullmatch(scheme):
        raise OtherSchemeError("Only file: and rtsp: sources exist. Use the rtsp: address of a network camera.")
    return None


def check_characters(text: str) -> None:
    """Raise SourceSyntaxError when `text` is too long, or holds characters that forge log lines or end C strings."""
    if len(text) > MAX_LENGTH:
        raise SourceSyntaxError(f"A source has at most {MAX_LENGTH:,} characters.")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
        raise SourceSyntaxError("A source holds no control characters and no line ends.")
