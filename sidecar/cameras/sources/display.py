"""What of a source's address may be shown: in ids, names, errors and log lines."""

from __future__ import annotations

import re
from urllib.parse import unquote

HIDDEN = "***"

_HARMLESS_NAME = re.compile(
    r"channel|subtype|stream(?:type)?|transport(?:mode)?|unicast|proto|profile|resolution|fps|(?:video)?codec"
    r"|camera|audio|video|media|track(?:id)?|inst",
    re.IGNORECASE,
)
"""Query parameters that choose a picture. The value of any other parameter may be a secret."""

_HARMLESS_VALUE = re.compile(r"[A-Za-z0-9_.-]{1,32}")

_LOGIN_NAME = re.compile(r"user|usr|login|pass|pwd|psw|token|secret|auth|key|credential|signature", re.IGNORECASE)
"""Names that some cameras expect in the path, as in /user=admin&password=…&channel=1.sdp."""

_SCHEME_END = "://"
_AUTHORITY_END = re.compile(r"[/?#]")
_TOKEN_END = re.compile(r"\s")
_PUNCTUATION = "\"'<>,;:.)"
"""May follow a URL in a sentence; a URL hardly ends with it."""
_PORT_OR_NOTHING = re.compile(r"\d{0,5}")


def shown_query(query: str) -> str:
    """Return `query` with its harmless parameters only; all others become one `***`."""
    pairs = [pair for pair in query.split("&") if pair]
    shown = [pair for pair in pairs if _is_harmless(pair)]
    if len(shown) < len(pairs):
        shown.append(HIDDEN)
    return "&".join(shown)


def shown_path(path: str) -> str:
    """Return `path` with each segment hidden that holds a login or a token by its name."""
    if "=" not in unquote(path):
        return path
    return "/".join(HIDDEN if _holds_login(segment) else segment for segment in path.split("/"))


def hide_logins(text: str) -> str:
    """Return `text` with the logins and the query values of all URLs in it hidden. Takes linear time.

    A URL in a text of unknown origin has no certain end, so too much is hidden rather than too little: all from the
    scheme to the last @ before the next white space.
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
    end = _end(_TOKEN_END, part)
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
    return bool(host) and _PORT_OR_NOTHING.fullmatch(port) is not None


def _end(expression: re.Pattern[str], text: str) -> int:
    found = expression.search(text)
    return found.start() if found else len(text)


def _is_harmless(pair: str) -> bool:
    name, _, value = pair.partition("=")
    return _HARMLESS_NAME.fullmatch(name) is not None and _HARMLESS_VALUE.fullmatch(value) is not None


def _holds_login(segment: str) -> bool:
    plain = unquote(segment)
    return "=" in plain and _LOGIN_NAME.search(plain) is not None
