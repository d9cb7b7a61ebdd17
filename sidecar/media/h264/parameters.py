"""The format parameters of H.264 in session descriptions (RFC 6184, section 8)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from sidecar.media.codec import FormatMatch

RECEIVER_HINT: Final = (
    "Receive the video where H.264 can be decoded: Firefox has to have downloaded its OpenH264 plugin, a Chromium "
    "build needs its proprietary codecs, other programs must enable H.264 (constrained baseline, packetization-mode=1)."
)

_BASELINE_LEVEL_1: Final = "42000a"
"""The profile-level-id of a format without one (RFC 6184, 8.1)."""

_PROFILE_LEVEL_ID: Final = re.compile(r"[0-9A-Fa-f]{6}")
_PROFILES: Final = (
    ((0x42, 0x4F, 0x40), (0x4D, 0x8F, 0x80), (0x58, 0xCF, 0xC0)),  # constrained baseline
    ((0x42, 0x4F, 0x00), (0x58, 0xCF, 0x80)),  # baseline
)
"""profile_idc, the mask of the significant bits of profile-iop, and their values (RFC 6184, table 5). The stream is
constrained baseline, which decoders of both profiles accept; the better fit stands first."""


def fmtp(profile_level_id: str) -> str:
    """Return the parameters of an a=fmtp line with this profile and level."""
    return f"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile_level_id}"


def match(parameters: Mapping[str, str]) -> FormatMatch | None:
    """Return how a receiver's format fits the stream, None for another packetization mode or profile.

    The line of the answer repeats the receiver's profile-level-id: the level is the receiver's own (RFC 6184, 8.2.2).
    """
    profile_level_id = parameters.get("profile-level-id", _BASELINE_LEVEL_1)
    rank = _rank(profile_level_id)
    if rank is None or not _has_mode_1(parameters):
        return None
    return FormatMatch(rank, fmtp(profile_level_id))


def mismatch(formats: Sequence[Mapping[str, str]]) -> str:
    """Return the reason why none of a receiver's H.264 formats fits the stream."""
    if any(map(_has_mode_1, formats)):
        return "the peer receives H.264, but not its constrained baseline profile: profile-level-id 42e0…"
    if formats:
        return "the peer receives H.264, but not with packetization-mode=1"
    return "the peer has no H.264, the only codec that the sidecar sends"


def _has_mode_1(parameters: Mapping[str, str]) -> bool:
    return parameters.get("packetization-mode") == "1"


def _rank(profile_level_id: str) -> int | None:
    """Return the place of the profile in _PROFILES, None for a profile that is not there."""
    if not _PROFILE_LEVEL_ID.fullmatch(profile_level_id):
        return None
    profile_idc, profile_iop, _ = bytes.fromhex(profile_level_id)
    for rank, forms in enumerate(_PROFILES):
        if any(profile_idc == idc and profile_iop & mask == bits for idc, mask, bits in forms):
            return rank
    return None
