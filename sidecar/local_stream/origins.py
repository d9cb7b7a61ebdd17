"""The origins of pages that may open a local stream (RFC 6455, section 10.2).

The secret in the address protects the stream. The origin is a second check, for a page that has learnt an address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_DEFAULT: Final = re.compile(
    r"tauri://localhost"  # a Tauri app's page on Linux and macOS
    r"|https?://tauri\.localhost"  # on Windows and Android
    r"|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?"  # during development, and in the demo
)


class AllowedOrigins:
    """The default origins of desktop apps, and the origins of the command line."""

    def __init__(self, more: Sequence[str] = ()) -> None:
        self._more = frozenset(more)

    def allows(self, origins: Sequence[str]) -> bool:
        """Return whether a request with these Origin headers is allowed.

        Browsers always send one, so a request without Origin is from a program that has the secret from the
        sidecar's owner. "null", the opaque origin, is refused.
        """
        if not origins:
            return True
        return len(origins) == 1 and (origins[0] in self._more or _DEFAULT.fullmatch(origins[0]) is not None)
