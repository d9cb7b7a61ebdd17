"""The format parameters of H.264 in session descriptions (RFC 6184, section 8)."""

from __future__ import annotations

import pytest

from sidecar.media.h264 import H264

MODE_1 = {"packetization-mode": "1"}


@pytest.mark.parametrize(
    ("profile_level_id", "rank"),
    [("42e01f", 0), ("42C028", 0), ("4d8020", 0), ("58c00a", 0), ("42001f", 1), ("588033", 1)],
)
def test_formats_of_both_baseline_profiles_fit_and_keep_their_level(profile_level_id: str, rank: int) -> None:
    match = H264.match(MODE_1 | {"profile-level-id": profile_level_id})
    assert match is not None
    assert match.rank == rank
    assert match.fmtp == f"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile_level_id}"


def test_a_format_without_a_profile_is_baseline_at_level_1() -> None:
    match = H264.match(MODE_1)
    assert match is not None
    assert match.fmtp.endswith("profile-level-id=42000a")


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"packetization-mode": "0", "profile-level-id": "42e01f"},
        MODE_1 | {"profile-level-id": "640028"},
        MODE_1 | {"profile-level-id": "4d001f"},
        MODE_1 | {"profile-level-id": "42e01"},
        MODE_1 | {"profile-level-id": "42e01f0"},
        MODE_1 | {"profile-level-id": ""},
    ],
)
def test_other_modes_and_profiles_do_not_fit(parameters: dict[str, str]) -> None:
    assert H264.match(parameters) is None


def test_the_reason_of_a_mismatch_names_the_nearest_format() -> None:
    high = MODE_1 | {"profile-level-id": "640028"}
    assert "profile" in H264.mismatch([{}, high])
    assert "packetization-mode=1" in H264.mismatch([{}])
    assert "has no H.264" in H264.mismatch([])


def test_an_offer_proposes_the_level_that_every_peer_implements() -> None:
    assert H264.fmtp == "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
