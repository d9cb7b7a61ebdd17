"""Which pages may open a local stream (RFC 6455, 10.2).

The secret in the address is what protects a stream; this keeps a page out that came by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_USUAL: Final = re.compile(
    r"tauri://localhost"  # a Tauri app's page on Linux and macOS
    r"|https?://tauri\.localhost"  # on Windows and Android
    r"|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?"  # while it is developed; the demo
)


class AllowedOrigins:
    """The usual pages of a desktop app, and those that the command line names."""

    def __init__(self, more: Sequence[str] = ()) -> None:
        self._more = frozenset(more)

    def allows(self, origins: Sequence[str]) -> bool:
        """Whether a request with these Origin headers may pass.

        Browsers always send one, so a request without any comes from a program, which has the secret from whoever
        started the sidecar. "null", a page's without an origin of its own, is refused.
        """
        if not origins:
            return True
        return len(origins) == 1 and (origins[0] in self._more or _USUAL.fullmatch(origins[0]) is not None)
