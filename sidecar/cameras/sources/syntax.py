"""The schemes of sources, and the characters that a source must not contain."""

from __future__ import annotations

import re
from typing import Literal, cast, get_args

MAX_LENGTH = 2048
"""The longest source or pattern, in characters."""

Scheme = Literal["file", "rtsp"]

_CONTROL_CHARACTER = "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"
"""Unicode's categories Cc, Zl, Zp and Cs. The expressions here are strings, so that they are compiled with the first
source and not at each start."""

_SCHEME = r"([A-Za-z][A-Za-z0-9+.-]{0,31}):(//)?"
_OTHER_SCHEMES = (
    r"concatf?|crypto|data|dtls|ftps?|gophers?|hls|https?|icecast|ipfs|ipns|lavfi|mms[ht]?|onvif|pipe|rist|rtmp[est]*"
    r"|rtp|rtsp[stu]|s?ftp|smb|srtp?|subfile|tcp|tee|tls|udp(?:lite)?|unix|webrtc|whe?i?p|wss?|zmq"
)
"""Schemes of FFmpeg's protocols and of media servers, which are also recognised without `//`."""


class SourceSyntaxError(ValueError):
    """The text is not a source. The message says how to write a source, and quotes no part of the text."""


class OtherSchemeError(SourceSyntaxError):
    """The text is a URL with an unsupported scheme."""


def scheme_of(text: str) -> Scheme | None:
    """Return the scheme of a source; None when `text` is not a URL, such as the id of a camera.

    Raises OtherSchemeError for a URL whose scheme is neither file: nor rtsp:.
    """
    found = re.match(_SCHEME, text.lstrip())
    if found is None:
        return None
    scheme = found[1].lower()
    for ours in get_args(Scheme):
        if scheme == ours:
            return cast(Scheme, ours)
    if found[2] or re.fullmatch(_OTHER_SCHEMES, scheme):
        raise OtherSchemeError("Only file: and rtsp: sources are supported. Use a network camera's rtsp: address.")
    return None


def check_length(text: str, max_length: int = MAX_LENGTH) -> None:
    """Raise SourceSyntaxError when `text` is longer than `max_length`. Decoding never makes a text longer."""
    if len(text) > max_length:
        raise SourceSyntaxError(f"A source has at most {max_length:,} characters.")


def check_characters(text: str) -> None:
    """Raise SourceSyntaxError when `text` contains characters that forge log lines or end C strings."""
    if re.search(_CONTROL_CHARACTER, text):
        raise SourceSyntaxError("A source must not contain control characters or line ends.")
