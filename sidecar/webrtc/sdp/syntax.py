"""The lines of a session description, sorted into its session part and its media sections (RFC 8866).

A description comes from a peer that is not trusted. Its size is bounded before it is parsed, and each line is parsed
once, so the work is linear in the length of the text.
"""

from __future__ import annotations

import string
from typing import Final, NamedTuple

from sidecar.contract.errors import InvalidSdpError

MAX_LENGTH: Final = 256 * 1024
"""Characters of a description."""

MAX_LINES: Final = 4096
"""A browser's offer of 20 videos has about 3,400."""

MAX_LINE_LENGTH: Final = 8192
"""Characters; the longest lines of browsers are a=identity and sprop-parameter-sets, of some thousand at most."""

MAX_SECTIONS: Final = 64
MAX_FORMATS: Final = 128
"""Formats of one media section: RTP has 128 payload types (RFC 3550, 5.1)."""

MAX_PORT: Final = 65535
MAX_GROUPS: Final = 16

_MEDIA_WORDS: Final = 4
_TOKEN_CHARACTERS: Final = frozenset(string.ascii_letters + string.digits + "!#$%&'*+-.^_`{|}~")
"""RFC 8866, 9: token."""

_MAX_MID_LENGTH: Final = 64
"""As of the contract's sdpMid."""

_DIRECTIONS: Final = ("sendrecv", "recvonly", "sendonly", "inactive")


class Section(NamedTuple):
    """A media section as it was received, or the session part, whose `kind` is empty.

    `mid` is None where the section has no a=mid. `direction` of a section without its own is the direction of the
    session part, else sendrecv (RFC 8866, 6.7).
    """

    kind: str
    port: int
    profile: str
    formats: tuple[str, ...]
    attributes: dict[str, list[str]]
    mid: str | None = None
    direction: str = "sendrecv"

    def first(self, name: str) -> str | None:
        """Return the first value of an attribute; an attribute without a value has an empty one."""
        values = self.attributes.get(name)
        return values[0] if values else None

    def values(self, name: str) -> list[str]:
        """Return all values of an attribute, in their order."""
        return self.attributes.get(name, [])

    @property
    def receives(self) -> bool:
        """Whether the peer wants to receive this medium."""
        return self.direction in ("sendrecv", "recvonly")


def split(sdp: str) -> tuple[Section, tuple[Section, ...]]:
    """Return the session part and the media sections. Raises InvalidSdpError, also for a limit of this module."""
    session: dict[str, list[str]] = {}
    media: list[tuple[str, dict[str, list[str]]]] = []
    for line in _lines(sdp):
        if line.startswith("m="):
            if len(media) == MAX_SECTIONS:
                raise InvalidSdpError(f"the description has more than {MAX_SECTIONS} media sections")
            media.append((line, {}))
        elif line.startswith("a="):
            name, _, value = line[2:].partition(":")
            (media[-1][1] if media else session).setdefault(name.strip(), []).append(value.strip())
    direction = _direction(session, "sendrecv")
    sections = tuple(_section(line, attributes, direction) for line, attributes in media)
    _check_mids(sections)
    return Section("", 0, "", (), session, direction=direction), sections


def parse_number(text: str, most: int) -> int | None:
    """Return the number that `text` writes in decimal ASCII digits; None for any other text, and above `most`."""
    if not (len(text) <= len(str(most)) and text.isascii() and text.isdecimal()):
        return None
    number = int(text)
    return number if number <= most else None


def bundles(session: Section) -> list[tuple[str, ...]]:
    """Return the mids of each BUNDLE group (RFC 9143, 7.1). Raises InvalidSdpError for too many groups or mids."""
    groups = session.values("group")
    if len(groups) > MAX_GROUPS:
        raise InvalidSdpError(f"the description has more than {MAX_GROUPS} groups")
    found = []
    for group in groups:
        semantics, *mids = group.split()[: MAX_SECTIONS + 2] or [""]
        if len(mids) > MAX_SECTIONS:
            raise InvalidSdpError(f"a group of the description has more than {MAX_SECTIONS} mids")
        if semantics == "BUNDLE":
            found.append(tuple(dict.fromkeys(mids)))
    return found


def _lines(sdp: str) -> list[str]:
    if len(sdp) > MAX_LENGTH or sdp.count("\n") > MAX_LINES:
        raise InvalidSdpError(f"the description is longer than {MAX_LENGTH} characters or {MAX_LINES} lines")
    lines = [line.rstrip("\r") for line in sdp.split("\n")]  # tolerant: scripts that edit a description double the CR
    if lines[0] != "v=0":
        raise InvalidSdpError("this is no session description: its first line is not v=0")
    if any(len(line) > MAX_LINE_LENGTH for line in lines):
        raise InvalidSdpError(f"a line of the description has more than {MAX_LINE_LENGTH} characters")
    if "\0" in sdp or any("\r" in line for line in lines) or not _is_utf8(sdp):  # RFC 8866, 9: byte-string
        raise InvalidSdpError("the description has a character that no session description has")
    return lines


def _is_utf8(text: str) -> bool:
    """Whether the text has no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _section(line: str, attributes: dict[str, list[str]], direction: str) -> Section:
    words = line[2:].split()
    port = parse_number(words[1].partition("/")[0], MAX_PORT) if len(words) >= _MEDIA_WORDS else None
    if port is None or not line.isascii():
        raise InvalidSdpError("a media line of the description cannot be read")
    kind, _, profile, *formats = words
    if len(formats) > MAX_FORMATS:
        raise InvalidSdpError(f"a media section of the description has more than {MAX_FORMATS} formats")
    unique = tuple(dict.fromkeys(formats))
    return Section(kind, port, profile, unique, attributes, _mid(attributes), _direction(attributes, direction))


def _mid(attributes: dict[str, list[str]]) -> str | None:
    values = attributes.get("mid")
    if values is None:
        return None
    if not (0 < len(values[0]) <= _MAX_MID_LENGTH and _TOKEN_CHARACTERS.issuperset(values[0])):
        raise InvalidSdpError(f"an a=mid of the description is no token of 1 to {_MAX_MID_LENGTH} characters")
    return values[0]


def _direction(attributes: dict[str, list[str]], default: str) -> str:
    return next((direction for direction in _DIRECTIONS if direction in attributes), default)


def _check_mids(sections: tuple[Section, ...]) -> None:
    mids = [section.mid for section in sections if section.mid is not None]
    if len(set(mids)) < len(mids):
        raise InvalidSdpError("two media sections of the description have the same a=mid")
