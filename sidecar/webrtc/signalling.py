"""The offers and answers of one peer: their order and their content (W3C WebRTC, 4.4.1.5; RFC 9429)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from sidecar.contract.errors import InvalidSdpError, InvalidStateError
from sidecar.webrtc.ice.generation import IceGeneration
from sidecar.webrtc.sdp import (
    LocalDescription,
    LocalTransport,
    RemoteDescription,
    SdpDescription,
    parse_answer,
    parse_offer,
    write_answer,
    write_offer,
)

OFFERED_MID = "0"

SignalingState = Literal["stable", "have-local-offer", "have-remote-offer", "closed"]


class Signalling:
    """The state machine of offers and answers, without network and time.

    `negotiated` is the peer's description of the last complete exchange. `role` is the sidecar's role in DTLS, client
    or server; the first exchange decides it for good.
    """

    def __init__(self, fingerprints: Sequence[tuple[str, str]]) -> None:
        """`fingerprints`: those of the own certificate, as (algorithm, value)."""
        self.state: SignalingState = "stable"
        self.negotiated: RemoteDescription | None = None
        self.role = "server"
        self.local = LocalDescription(
            session_id=secrets.randbits(62),
            stream_id=f"camera-{secrets.token_hex(8)}",
            cname=secrets.token_hex(8),
            ssrc=secrets.randbelow(2**32 - 2) + 1,
            rtx_ssrc=secrets.randbelow(2**32 - 2) + 1,
            transport=LocalTransport(tuple(fingerprints)),
        )
        self._offered: RemoteDescription | None = None

    def check_open(self) -> None:
        """Raise InvalidStateError when the connection is closed."""
        if self.state == "closed":
            raise InvalidStateError("the connection is closed")

    @property
    def section(self) -> tuple[str | None, int]:
        """The mid and the index of the section that the local candidates belong to."""
        layout = self._offered or self.negotiated
        return layout.transport if layout is not None else (OFFERED_MID, 0)

    # -- local descriptions -------------------------------------------------------------------------------------------

    def check_can_offer(self, ice_restart: bool = True) -> None:
        """Raise InvalidStateError while an offer of the peer waits, and for a later offer without an ICE restart."""
        if self.state == "have-remote-offer":
            raise InvalidStateError("the peer's offer waits for its answer", hint="Call create_answer.")
        if self.negotiated is not None and not ice_restart:
            message = "the connection is negotiated; only its ICE can be restarted"
            raise InvalidStateError(message, hint="Pass ice_restart, or start a new session.")

    def offer(self, generation: IceGeneration) -> SdpDescription:
        """Return an offer of this generation, the local description from now on. Raises as check_can_offer."""
        self.check_can_offer()
        self.state = "have-local-offer"
        return write_offer(self._describe(generation, "actpass"), self.negotiated)

    def check_can_answer(self) -> None:
        """Raise InvalidStateError when no offer of the peer waits."""
        if self.state != "have-remote-offer":
            raise InvalidStateError("there is no remote offer to answer")

    def answer(self, generation: IceGeneration) -> SdpDescription:
        """Return the answer to the peer's offer, which completes the exchange. Raises as check_can_answer."""
        self.check_can_answer()
        remote = self._offered
        assert remote is not None
        if self.negotiated is None:
            self.role = "server" if remote.dtls_role == "client" else "client"
        self._complete(remote)
        return write_answer(self._describe(generation, "active" if self.role == "client" else "passive"), remote)

    def _describe(self, generation: IceGeneration, setup: str) -> LocalDescription:
        agent, before = generation.agent, self.local
        version = before.version
        if before.transport.username_fragment not in ("", agent.local_username):
            version += 1  # the description has changed (RFC 8866, 5.2)
        transport = LocalTransport(
            before.transport.fingerprints,
            agent.local_username,
            agent.local_password,
            setup,
            tuple(agent.local_candidates),
            has_all_candidates=agent.gathering_state == "complete",
        )
        self.local = replace(before, version=version, transport=transport)
        return self.local

    # -- remote descriptions ------------------------------------------------------------------------------------------

    def take_offer(self, text: str) -> RemoteDescription:
        """Take the peer's offer and return its facts. Raises InvalidStateError or InvalidSdpError, without an effect.

        A later offer of the sidecar that the peer's offer crosses is rolled back. Of two first offers that cross, the
        peer's is refused.
        """
        if self.state == "have-remote-offer" or (self.state == "have-local-offer" and self.negotiated is None):
            raise InvalidStateError("an offer was made or received before")
        remote = parse_offer(text, self.negotiated)
        self._check_same_stream(remote)
        self._offered = remote
        self.state = "have-remote-offer"
        return remote

    def take_answer(self, text: str) -> RemoteDescription:
        """Take the peer's answer, which completes the exchange, and return its facts. Raises as take_offer."""
        if self.state != "have-local-offer":
            raise InvalidStateError("no offer of the sidecar waits for an answer")
        before = self.negotiated
        offered = [OFFERED_MID] if before is None else [section.mid for section in before.sections]
        if before is None:
            remote = parse_answer(text, mids=offered)
        else:
            remote = parse_answer(text, mids=offered, index=before.index, running=before.codec)
        self._check_same_stream(remote)
        if before is None:
            self.role = "server" if remote.dtls_role == "client" else "client"
        self._complete(remote)
        return remote

    def _complete(self, remote: RemoteDescription) -> None:
        self.negotiated, self._offered = remote, None
        self.state = "stable"

    def _check_same_stream(self, remote: RemoteDescription) -> None:
        """Raise InvalidSdpError for a later description of another peer or stream: DTLS and the RTP sender go on."""
        before = self.negotiated
        if before is None:
            return
        if set(remote.fingerprints).isdisjoint(before.fingerprints):
            raise InvalidSdpError("the description is of another peer connection: its certificate has changed")
        same = (before.index, before.mid, before.codec.payload_type)
        if (remote.index, remote.mid, remote.codec.payload_type) != same:
            raise InvalidSdpError("the section and the payload type of a running video cannot be changed")
