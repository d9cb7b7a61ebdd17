"""Candidates as text."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.contract.errors import InvalidCandidateError
from sidecar.contract.types import IceCandidate
from sidecar.webrtc.ice.candidates import local_candidate, to_contract, username_fragment_of
from sidecar.webrtc.sdp import parse_candidate


def test_a_browser_s_candidate_is_read() -> None:
    line = (
        "candidate:842163049 1 udp 1677729535 203.0.113.7 44323 typ srflx raddr 0.0.0.0 rport 0 "
        "generation 0 ufrag EsAw network-cost 999"
    )
    candidate = parse_candidate(line)
    assert (candidate.host, candidate.port, candidate.type, candidate.priority) == (
        "203.0.113.7",
        44323,
        "srflx",
        1677729535,
    )
    assert username_fragment_of(IceCandidate(candidate=line)) == "EsAw"


def test_a_written_candidate_can_be_read() -> None:
    candidate = local_candidate("srflx", ("203.0.113.7", 5), base="10.0.0.1", preference=65535, related=("10.0.0.1", 6))
    written = to_contract(candidate, mid="0", index=0, username_fragment="abcd")
    read = parse_candidate(written.candidate)
    assert (read.host, read.port, read.type, read.foundation) == ("203.0.113.7", 5, "srflx", candidate.foundation)
    assert (written.sdpMid, written.sdpMLineIndex, written.usernameFragment) == ("0", 0, "abcd")
    assert username_fragment_of(IceCandidate(candidate=written.candidate)) == "abcd"
    assert "raddr 10.0.0.1 rport 6" in written.candidate


@pytest.mark.parametrize(
    "line",
    [
        "candidate:",
        "candidate:1 1 udp 1 127.0.0.1 99999 typ host",
        "candidate:1 1 udp 1 127.0.0.1 9 typ guest",
        "candidate:1 x udp 1 127.0.0.1 9 typ host",
        "candidate:1 1 udp 1 127.0.0.1 9",
        "1 1 udp 1 127.0.0.1 9 typ host",
    ],
)
def test_an_invalid_candidate_is_refused(line: str) -> None:
    with pytest.raises(InvalidCandidateError):
        parse_candidate(line)


@given(st.one_of(st.text(max_size=200), st.text(max_size=100).map(lambda text: f"candidate:{text}")))
def test_any_text_is_a_candidate_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidCandidateError):
        parse_candidate(text)


def test_a_loopback_candidate_is_paired_with_this_machine_only() -> None:
    ours = local_candidate("host", ("127.0.0.1", 1), base="127.0.0.1", preference=1)
    ours.machine_addresses = frozenset({"10.0.0.1"})
    for address, is_paired in (("127.0.0.1", True), ("10.0.0.1", True), ("10.0.0.2", False), ("::1", False)):
        theirs = local_candidate("host", (address, 2), base=address, preference=1)
        assert ours.can_pair_with(theirs) is is_paired
