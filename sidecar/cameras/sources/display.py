"""The parts of a source that may appear in ids, names, errors and log lines."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

HIDDEN = "***"

_HARMLESS_NAME = (
    r"channel|subtype|stream(?:type)?|transport(?:mode)?|unicast|proto|profile|resolution|fps|(?:video)?codec"
    r"|camera|audio|video|media|track(?:id)?|inst"
)
"""Query parameters that choose a picture. The value of any other parameter may be a secret."""

_HARMLESS_VALUE = r"[A-Za-z0-9_.-]{1,32}"

_LOGIN_NAME = r"user|usr|login|pass|pwd|psw|token|secret|auth|key|credential|signature"
"""Names of login parameters that some cameras expect in the path, as in /user=admin&password=…&channel=1.sdp."""

_NAMES_NEXT_SEGMENT = r"pass|password|passwd|pwd|psw|token|secret"
"""Names of path segments after which the next segment is a secret, as in /user/admin/password/…/live."""

_SCHEME_END = "://"
_AUTHORITY_END = r"[/?#]"
_WHITE_SPACE = r"\s"
_PUNCTUATION = "\"'<>,;:.)"
"""Characters that may follow a URL in a sentence; a URL hardly ends with one of them."""
_PORT_OR_NOTHING = r"\d{0,5}"


NUMBER_MARK: Final = "#"
"""The character before the number in a numbered id; the text of a source never contains it."""


def next_id(device_id: str) -> str:
    """Return the next numbered id after `device_id`: x, x#2, x#3 …"""
    plain, _, number = device_id.partition(NUMBER_MARK)
    return f"{plain}{NUMBER_MARK}{int(number or 1) + 1}"


def shown_query(query: str) -> str:
    """Return `query` with its harmless parameters; one `***` replaces all others."""
    pairs = [pair for pair in query.split("&") if pair]
    shown = [pair for pair in pairs if _is_harmless(pair)]
    if len(shown) < len(pairs):
        shown.append(HIDDEN)
    return "&".join(shown)


def shown_path(path: str) -> str:
    """Return `path` without secrets: segments with a login or a token, and segments after the name of a secret."""
    before, *rest = path.split("/")
    shown = [before]
    for segment in rest:
        is_secret = _holds_login(segment) or (
            segment and re.fullmatch(_NAMES_NEXT_SEGMENT, unquote(before), re.IGNORECASE)
        )
        shown.append(HIDDEN if is_secret else segment)
        before = segment
    return "/".join(shown)


def hide_logins(text: str) -> str:
    """Return `text` without the logins and the query values of its URLs. Takes linear time.

    The end of a URL in a text of unknown origin is uncertain, so all characters from the scheme to the last @ before
    the next white space are hidden: too much rather than too little.
    """
    first, *rest = text.split(_SCHEME_END)
    if not rest:
        return text
    parts = [first]
    for before, part in zip([first, *rest], rest, strict=False):
        is_url = before[-1:].isalnum()
        parts.append(_SCHEME_END + (_without_secrets(part) if is_url else part))
    return "".join(parts)


def _without_secrets(part: str) -> str:
    """Return the text after `scheme://` without the login and the query values."""
    end = _end(_WHITE_SPACE, part)
    token, rest = part[:end], part[end:]
    authority_end = _end(_AUTHORITY_END, token)
    authority = token[:authority_end]
    if "@" in token and ("@" in authority or not _is_place(authority)):
        token = f"{HIDDEN}@{token[token.rfind('@') + 1 :]}"
    before, mark, query = token.partition("?")
    if mark:
        plain = query.rstrip(_PUNCTUATION)
        token = before + mark + shown_query(plain) + query[len(plain) :]
    return token + rest


def _is_place(authority: str) -> bool:
    """Return whether `authority` is a host with or without a port, rather than the start of a login."""
    host, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        return True
    return bool(host) and re.fullmatch(_PORT_OR_NOTHING, port) is not None


def _end(expression: str, text: str) -> int:
    found = re.search(expression, text)
    return found.start() if found else len(text)


def _is_harmless(pair: str) -> bool:
    name, _, value = pair.partition("=")
    return (
        re.fullmatch(_HARMLESS_NAME, name, re.IGNORECASE) is not None
        and re.fullmatch(_HARMLESS_VALUE, value) is not None
    )


def _holds_login(segment: str) -> bool:
    plain = unquote(segment)
    return "=" in plain and re.search(_LOGIN_NAME, plain, re.IGNORECASE) is not None
