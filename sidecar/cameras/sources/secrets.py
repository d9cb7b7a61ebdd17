"""The logins and query values of this process's sources, which must not appear in the log."""

from __future__ import annotations

import re
import threading
from binascii import b2a_base64
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from sidecar.cameras.sources.display import HIDDEN, hide_logins, shown_query

if TYPE_CHECKING:
    from sidecar.cameras.sources.rtsp_url import RtspSource

MAX_SOURCES = 64
"""The number of sources from clients whose secrets are remembered; the oldest source is forgotten first."""

SHORTEST = 3
"""The length from which a secret is hidden. Hiding a shorter secret would blank parts of many lines."""

SURE = 8
"""The length from which a secret is also hidden inside of a longer word."""


class Secrets:
    """The secrets of sources, in all spellings that libraries may quote. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: set[str] = set()
        self._recent: OrderedDict[RtspSource, frozenset[str]] = OrderedDict()
        self._spellings: tuple[str, ...] = ()

    def remember(self, source: RtspSource, *, permanent: bool = False) -> None:
        """Let `hide` hide the secrets of `source`; with `permanent` (for the command line) they are never forgotten."""
        if not source.hides:
            return
        with self._lock:
            if source in self._recent:
                self._recent.move_to_end(source)
                return
            spellings = frozenset(_spellings(_secrets_of(source)))
            if permanent:
                self._kept |= spellings
            else:
                self._recent[source] = spellings
                while len(self._recent) > MAX_SOURCES:
                    self._recent.popitem(last=False)
            self._spellings = tuple(sorted(self._kept.union(*self._recent.values()), key=len, reverse=True))

    def hide(self, text: str) -> str:
        """Return `text` without the remembered secrets, and without the logins of any other URL in it."""
        for secret in self._spellings:
            if secret in text:
                text = _without(text, secret)
        return hide_logins(text)


SECRETS = Secrets()
"""The secrets of this process, for its one log."""


def _without(text: str, secret: str) -> str:
    if len(secret) >= SURE:
        return text.replace(secret, HIDDEN)
    return re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text)


def _secrets_of(source: RtspSource) -> Iterator[str]:
    if source.user is not None:
        if len(source.user) >= SURE:  # a shorter name, such as admin, is an ordinary word
            yield source.user
        yield source.password or ""
        login = f"{source.user}:{source.password or ''}"
        yield b2a_base64(login.encode("utf-8"), newline=False).decode("ascii")  # the form of Basic logins (RFC 7617)
    for pair in source.query.split("&"):
        if shown_query(pair) != pair:
            yield pair
            yield pair.partition("=")[2]


def _spellings(secrets: Iterable[str]) -> Iterator[str]:
    for secret in secrets:
        encoded = quote(secret, safe="")
        lower = re.sub(r"%..", lambda escape: escape[0].lower(), encoded)
        for spelling in (secret, encoded, lower, quote(secret), quote_plus(secret), repr(secret)[1:-1]):
            if len(spelling) >= SHORTEST:
                yield spelling
