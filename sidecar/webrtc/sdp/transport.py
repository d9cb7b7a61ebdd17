"""The transport of a peer's sections: ICE credentials, certificates, candidates (RFC 8839, RFC 8122, RFC 8842)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from aioice import Candidate
from aiortc.rtcdtlstransport import X509_DIGEST_ALGORITHMS

from sidecar.contract.errors import InvalidCandidateError, InvalidSdpError
from sidecar.webrtc.sdp.candidates import parse_candidate
from sidecar.webrtc.sdp.syntax import Section

logger = logging.getLogger(__name__)

MAX_CANDIDATES: Final = 256
"""Candidates of one connection, and of one section."""

MAX_FINGERPRINTS: Final = 32

_ICE_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_HEX_DIGITS = frozenset("0123456789ABCDEF")
_DTLS_ROLES = {"active": "client", "passive": "server", "actpass": "auto"}


class IceParameters(NamedTuple):
    """The peer's ICE credentials."""

    username_fragment: str
    password: str
    is_lite: bool = False

    def __repr__(self) -> str:
        """The credentials without the password."""
        return f"IceParameters(username_fragment={self.username_fragment!r}, is_lite={self.is_lite})"


def attribute(sources: Sequence[Section], name: str) -> str | None:
    """Return the first value of an attribute in the first of `sources` that has it."""
    return next((value for source in sources if (value := source.first(name)) is not None), None)


def ice_parameters(sources: Sequence[Section]) -> IceParameters:
    """Return the ICE credentials (RFC 8839, 5.4). Raises InvalidSdpError."""
    fragment, password = attribute(sources, "ice-ufrag") or "", attribute(sources, "ice-pwd") or ""
    if not (
        4 <= len(fragment) <= 256 and 22 <= len(password) <= 256 and _ICE_CHARACTERS.issuperset(fragment + password)
    ):
        raise InvalidSdpError("the description has no valid ICE user name fragment and password")
    return IceParameters(fragment, password, attribute(sources, "ice-lite") is not None)


def fingerprints(sources: Sequence[Section]) -> tuple[tuple[str, str], ...]:
    """Return the (algorithm, value) pairs of hash functions that are known (RFC 8122, 5). Raises InvalidSdpError."""
    values = next((source.attributes["fingerprint"] for source in sources if "fingerprint" in source.attributes), [])
    if len(values) > MAX_FINGERPRINTS:
        raise InvalidSdpError(f"a section of the description has more than {MAX_FINGERPRINTS} fingerprints")
    pairs = ((name.lower(), value.strip().upper()) for name, _, value in (text.partition(" ") for text in values))
    known = dict.fromkeys(pair for pair in pairs if _is_digest(*pair))
    if not known:
        names = ", ".join(X509_DIGEST_ALGORITHMS)
        raise InvalidSdpError(f"the description has no valid fingerprint of a certificate, of {names}")
    return tuple(known)


def dtls_role(sources: Sequence[Section]) -> str:
    """Return the peer's role in DTLS: client, server or auto (RFC 8842, 5). Raises InvalidSdpError."""
    role = _DTLS_ROLES.get(attribute(sources, "setup") or "")
    if role is None:
        raise InvalidSdpError("the description has no valid a=setup")
    return role


def candidates(sections: Iterable[Section]) -> tuple[Candidate, ...]:
    """Return the candidates of sections that share a transport; a line that cannot be read is left out.

    Raises InvalidSdpError for more than MAX_CANDIDATES.
    """
    lines = dict.fromkeys(line for section in sections for line in section.values("candidate"))
    if len(lines) > MAX_CANDIDATES:
        raise InvalidSdpError(f"the description has more than {MAX_CANDIDATES} candidates for one transport")
    found = []
    for line in lines:
        try:
            found.append(parse_candidate(f"candidate:{line}"))
        except InvalidCandidateError:
            logger.info("a candidate in the description cannot be read and is left out")
    return tuple(found)


def _is_digest(algorithm: str, value: str) -> bool:
    known = X509_DIGEST_ALGORITHMS.get(algorithm)
    octets = value.split(":")
    return known is not None and len(octets) == known.digest_size and all(map(_is_octet, octets))


def _is_octet(text: str) -> bool:
    return len(text) == 2 and _HEX_DIGITS.issuperset(text)
