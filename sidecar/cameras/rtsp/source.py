"""What a session needs to know of a network camera."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias


class RtspSource(Protocol):
    """A camera's address and login, in parts."""

    @property
    def host(self) -> str:
        """The host name, or an address without brackets."""

    @property
    def port(self) -> int:
        """The TCP port."""

    @property
    def request_url(self) -> str:
        """What a request line names: the URL without its login."""

    @property
    def user(self) -> str | None:
        """The user name, decoded; None without a login."""

    @property
    def password(self) -> str | None:
        """The password, decoded."""

    @property
    def transport(self) -> Literal["auto", "tcp", "udp"]:
        """The transport that is tried first; "auto" is TCP."""


Follow: TypeAlias = Callable[[RtspSource, str], RtspSource]
"""Returns the source that a redirect from a source to a location leads to, or raises SourceNotAllowedError."""
