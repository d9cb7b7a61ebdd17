"""Wildcards of --allow-source.

`*` matches any text, slashes included. In file: patterns `?` matches one character. `[*]`, `[?]` and `[[]` match the
character itself; any other bracket is an ordinary character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sidecar.cameras.sources.rtsp_url import address_family

_PIECE = re.compile(r"\[([*?\[])\]|(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern as a regular expression; `exact` is the text of a pattern without wildcards.

    With `family` 4 or 6 the pattern matches IP addresses of that version only.
    """

    expression: str
    exact: str | None
    family: int | None = None

    def matches(self, text: str) -> bool:
        """Return whether the pattern matches the whole of `text`, in time linear in the length of `text`."""
        if self.family is not None and address_family(text) != self.family:
            return False
        return re.fullmatch(self.expression, text, re.DOTALL) is not None


ANYTHING = Glob(".*", None)


def literal(text: str) -> Glob:
    """Return the matcher of `text` itself."""
    return Glob(re.escape(text), text)


def glob(pattern: str, *, single: bool = False) -> Glob:
    """Return the matcher of `pattern`, in which `?` matches one character if `single` is true."""
    pieces: list[list[str]] = [[]]
    is_exact = True
    for piece in _PIECE.finditer(pattern):
        character = piece[1] or piece[2]
        if not piece[1] and character == "*":
            pieces.append([])
        elif not piece[1] and character == "?" and single:
            pieces[-1].append(".")
            is_exact = False
        else:
            pieces[-1].append(re.escape(character))
    first, *rest = map("".join, pieces)
    if not rest:
        return Glob(first, without_quotes(pattern) if is_exact else None)
    *middle, last = rest
    # Atomic groups: each piece matches at its first position, and no other position is tried.
    found_first = "".join(f"(?>.*?{piece})" for piece in middle if piece)
    return Glob(f"{first}{found_first}.*{last}", None)


def without_quotes(pattern: str) -> str:
    """Return the text that a pattern without wildcards matches."""
    return _PIECE.sub(lambda piece: piece[1] or piece[2], pattern)


def first_wildcard(pattern: str) -> int | None:
    """Return the position of the first `*` or `?` of a file: pattern; None without a wildcard."""
    for piece in _PIECE.finditer(pattern):
        if piece[2] in ("*", "?"):
            return piece.start()
    return None
