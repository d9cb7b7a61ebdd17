"""Sources in the form that their cameras take."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

from sidecar.contract.errors import CameraFailedError, CameraNotFoundError, CameraPermissionDeniedError


def open_checked(name: str, path: str) -> io.FileIO:
    """Open a file for reading."""
    try:
        return io.FileIO(path)
    except FileNotFoundError:
        raise CameraNotFoundError(f"{name} does not exist.", hint="Check the path.") from None
    except PermissionError:
        raise CameraPermissionDeniedError(f"{name} may not be read.", hint="Check the file's permissions.") from None
    except OSError as error:
        raise CameraFailedError(f"{name} did not open.", hint="Check that the file is a video.") from error


@dataclass(frozen=True, slots=True)
class RtspAddress:
    """A network camera's address in parts."""

    host: str
    port: int
    request_url: str
    user: str | None
    password: str | None
    transport: Literal["auto", "tcp", "udp"]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the parts of a URL."""
        url = urlsplit(text)
        asks_udp = "transport=udp" in url.query.split("&")
        query = "&".join(part for part in url.query.split("&") if not part.startswith("transport="))
        plain = url._replace(netloc=url.netloc.rpartition("@")[2], query=query).geturl()
        user = unquote(url.username) if url.username is not None else None
        password = unquote(url.password) if url.password is not None else None
        return cls(url.hostname or "", url.port or 554, plain, user, password, "udp" if asks_udp else "auto")
