"""The peer's candidates: kept until its description arrives, then filtered and passed to the ICE agent."""

from __future__ import annotations

import logging

from aioice import Candidate

from sidecar.contract.errors import InvalidCandidateError, LimitExceededError
from sidecar.contract.types import IceCandidate
from sidecar.webrtc.ice.agent import IceAgent
from sidecar.webrtc.ice.candidates import username_fragment_of
from sidecar.webrtc.sdp import MAX_CANDIDATES, RemoteDescription, parse_candidate

logger = logging.getLogger(__name__)


class RemoteCandidates:
    """The signalled candidates of the peer, in any order. `count` is the number that was passed to the agent."""

    def __init__(self, agent: IceAgent) -> None:
        self.count = 0
        self._agent = agent
        self._early: list[IceCandidate] = []
        self._remote: RemoteDescription | None = None

    def add(self, candidate: IceCandidate | None) -> None:
        """Take a candidate. Raises as Peer.add_ice_candidate."""
        if candidate is None or not candidate.candidate.strip():
            # The end of the candidates has no effect: further ones may arrive, and the connection's limit is the
            # deadline.
            return
        parsed = parse_candidate(candidate.candidate)
        if self.count + len(self._early) >= MAX_CANDIDATES:
            raise LimitExceededError(
                "the connection has too many remote candidates",
                details={"limit": "remote_candidates", "maximum": MAX_CANDIDATES},
            )
        if self._remote is None:
            self._early.append(candidate)
        elif _is_ours(candidate, self._remote):
            self._give(parsed)

    def describe(self, remote: RemoteDescription) -> None:
        """Take the remote description: its candidates and the earlier ones are used from now on."""
        self._remote = remote
        for candidate in remote.candidates:
            self._give(candidate)
        early, self._early = self._early, []
        for early_candidate in early:
            try:
                self.add(early_candidate)
            except (InvalidCandidateError, LimitExceededError) as error:
                logger.info("an early candidate is left out: %s", error.message)

    def _give(self, candidate: Candidate) -> None:
        self.count += 1
        self._agent.add_remote(candidate)


def _is_ours(candidate: IceCandidate, remote: RemoteDescription) -> bool:
    """Return whether a candidate belongs to the transport of the video and to this generation.

    Raises InvalidCandidateError for a section that does not exist.
    """
    section = remote.section_of(candidate.sdpMid, candidate.sdpMLineIndex)
    if section is None:
        raise InvalidCandidateError("the candidate's sdpMid or sdpMLineIndex names no media section")
    shared = remote.bundle.sharing(remote.sections, remote.ice.username_fragment)
    return section in shared and username_fragment_of(candidate) in (None, remote.ice.username_fragment)
