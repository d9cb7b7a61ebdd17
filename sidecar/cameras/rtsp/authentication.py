"""The login of an RTSP session: Digest (RFC 7616, RFC 2617), and Basic (RFC 7617) in the absence of Digest."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

MAX_CHALLENGES: Final = 16
MAX_PARAMETERS: Final = 32

_SCHEME = re.compile(r"\b(Digest|Basic)(?:[ \t]+|$)", re.IGNORECASE)
_PARAMETER = re.compile(r"[\s,]*([A-Za-z0-9_-]{1,32})\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s,\"]*))")


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()  # the camera chooses the algorithm


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


_HASHES: Final[dict[str, Callable[[bytes], str]]] = {"MD5": _md5, "SHA-256": _sha256}


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge in WWW-Authenticate. `algorithm` is the Digest hash without "-sess"."""

    scheme: str
    realm: str
    nonce: str = ""
    opaque: str | None = None
    algorithm: str = "MD5"
    is_session: bool = False
    has_qop: bool = False
    is_stale: bool = False


class Login:
    """The user and password of one camera, and the answers to its challenges.

    A Login belongs to one host and port, so that no other server gets a response made from the password.
    """

    def __init__(self, user: str | None, password: str | None) -> None:
        self._user = user
        self._password = password or ""
        self._challenge: Challenge | None = None
        self._count = 0

    @property
    def is_known(self) -> bool:
        """Whether the source has a user name."""
        return self._user is not None

    def accept(self, headers: Sequence[str]) -> bool:
        """Take the challenges of a 401; return whether another try may succeed.

        A repeated challenge means that the login is wrong, except after a Basic challenge, or when its nonce is stale.
        """
        challenge = strongest(headers)
        if self._user is None or challenge is None:
            return False
        before, self._challenge, self._count = self._challenge, challenge, 0
        if before is None:
            return True
        return challenge.scheme == "digest" and (challenge.is_stale or before.scheme != "digest")

    def header(self, method: str, uri: str) -> str | None:
        """Return the Authorization header of a request; None before the first challenge."""
        if self._challenge is None or self._user is None:
            return None
        if self._challenge.scheme == "basic":
            return "Basic " + base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
        self._count += 1
        return self._digest(self._challenge, self._user, method, uri)

    def _digest(self, challenge: Challenge, user: str, method: str, uri: str) -> str:
        """Return a Digest header (RFC 7616, section 3.4), without qop in the form of RFC 2069, as most cameras do."""
        digest, client_nonce, count = _HASHES[challenge.algorithm], secrets.token_hex(8), f"{self._count:08x}"
        secret = digest(f"{user}:{challenge.realm}:{self._password}".encode())
        if challenge.is_session:
            secret = digest(f"{secret}:{challenge.nonce}:{client_nonce}".encode())
        middle = f"{count}:{client_nonce}:auth:" if challenge.has_qop else ""
        target = digest(f"{method}:{uri}".encode())
        response = digest(f"{secret}:{challenge.nonce}:{middle}{target}".encode())
        fields = {"username": user, "realm": challenge.realm, "nonce": challenge.nonce, "uri": uri}
        fields["response"] = response
        if challenge.opaque is not None:
            fields["opaque"] = challenge.opaque
        if challenge.has_qop or challenge.is_session:
            fields["cnonce"] = client_nonce
        text = ", ".join(f'{name}="{_escaped(value)}"' for name, value in fields.items())
        text += f", algorithm={challenge.algorithm}{'-sess' if challenge.is_session else ''}"
        return f"Digest {text}" + (f", qop=auth, nc={count}" if challenge.has_qop else "")


def strongest(headers: Sequence[str]) -> Challenge | None:
    """Return the strongest supported challenge: SHA-256, MD5, then Basic; None when no challenge is supported."""
    challenges = [each for header in headers[:MAX_CHALLENGES] for each in _challenges(header)]
    return max(challenges, key=_strength, default=None)


def _strength(challenge: Challenge) -> int:
    return 0 if challenge.scheme == "basic" else 1 + list(_HASHES).index(challenge.algorithm)


def _challenges(header: str) -> list[Challenge]:
    """Return the supported challenges of a header, which may hold several (RFC 7235, section 4.1)."""
    found: list[Challenge] = []
    at = 0
    for _ in range(MAX_CHALLENGES):
        scheme = _SCHEME.search(header, at)
        if scheme is None:
            break
        parameters, at = _parameters(header, scheme.end())
        challenge = _challenge(scheme[1].lower(), parameters)
        if challenge is not None:
            found.append(challenge)
    return found


def _parameters(header: str, at: int) -> tuple[dict[str, str], int]:
    parameters: dict[str, str] = {}
    for _ in range(MAX_PARAMETERS):
        found = _PARAMETER.match(header, at)
        if found is None:
            break
        quoted = found[2]
        parameters[found[1].lower()] = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else found[3]
        at = found.end()
    return parameters, at


def _challenge(scheme: str, parameters: dict[str, str]) -> Challenge | None:
    realm = parameters.get("realm", "")
    if scheme == "basic":
        return Challenge("basic", realm)
    name = parameters.get("algorithm", "") or "MD5"
    is_session = name.lower().endswith("-sess")
    algorithm = (name[:-5] if is_session else name).upper()
    qop = [each.strip().lower() for each in parameters.get("qop", "").split(",") if each.strip()]
    if algorithm not in _HASHES or "nonce" not in parameters or (qop and "auth" not in qop):
        return None
    stale = parameters.get("stale", "").lower() == "true"
    return Challenge(
        "digest", realm, parameters["nonce"], parameters.get("opaque"), algorithm, is_session, bool(qop), stale
    )


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
