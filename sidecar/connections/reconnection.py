"""The reconnection of a lost viewer: makes the offers of a RecoveryPlan at their times."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import NamedTuple, Protocol

from sidecar.connections.peers import Peers
from sidecar.connections.policy import ConnectionPolicy
from sidecar.connections.recovery import RecoveryPlan
from sidecar.contract.errors import ContractError
from sidecar.tasks import Tasks
from sidecar.webrtc.ice.networks import NetworkQuery

log = logging.getLogger(__name__)


class ReconnectionOffer(NamedTuple):
    """An offer to a lost viewer: an ICE restart of its peer, or with `replaces_peer` a fresh peer."""

    sdp: str
    generation: int
    replaces_peer: bool


class ReconnectionListener(Protocol):
    """The notifications of a Reconnection to its connection, on the event loop's thread."""

    def reconnection_offered(self, offer: ReconnectionOffer) -> None:
        """An offer is ready to be sent to the viewer."""

    def reconnection_given_up(self, reason: str) -> None:
        """All offers are used, or the viewer's side answers none."""


class Reconnection:
    """Offers a lost viewer ICE restarts and fresh peers, from its loss until it is connected or given up.

    It creates and discards the substitutes of `peers`; the connection decides which peer is in use. One Reconnection
    serves all losses of a connection. All on the event loop's thread.
    """

    def __init__(
        self,
        connection_id: str,
        peers: Peers,
        *,
        listener: ReconnectionListener,
        policy: ConnectionPolicy,
        networks: NetworkQuery,
        on_failed: Callable[[BaseException], None],
    ) -> None:
        """`on_failed` gets an internal error, which has ended the reconnection."""
        self._connection_id = connection_id
        self._peers = peers
        self._listener = listener
        self._policy = policy
        self._networks = networks
        self._plan: RecoveryPlan | None = None
        self._tasks = Tasks(on_failed)

    def begin(self) -> None:
        """Begin to offer: the viewer is lost."""
        self._plan = RecoveryPlan(self._policy.recovery, _now())
        self._tasks.spawn(self._run(self._plan))

    def viewer_restarted_ice(self) -> bool:
        """Count an ICE restart by the viewer or the client as a try; return whether the viewer is lost."""
        if self._plan is None:
            return False
        self._peers.discard_substitute()
        self._plan.viewer_restarted_ice(_now())
        return True

    def answered(self) -> None:
        """Record that the viewer has answered an offer."""
        if self._plan is not None:
            self._plan.answered()

    def end(self) -> None:
        """Make no further offer: the viewer is connected, or the connection has failed."""
        self._plan = None
        self._peers.discard_substitute()

    async def close(self) -> None:
        """Make no further offer, and end the task that makes them."""
        self.end()
        await self._tasks.cancel()

    async def _run(self, plan: RecoveryPlan) -> None:
        """Take the steps of the plan while it is the present one."""
        known = self._networks()
        while self._plan is plan:
            step = plan.step(_now())
            if step == "give_up":
                self.end()
                self._listener.reconnection_given_up(plan.reason or "the viewer was lost")
                return
            if step != "wait":
                await self._offer(plan, replaces_peer=step == "replace")
            await asyncio.sleep(max(0.0, min(plan.due_at - _now(), self._policy.network_interval)))
            current = self._networks()
            if current - known:
                log.info("connection %s: a network appeared", self._connection_id)
                plan.network_appeared(_now())
            known = current

    async def _offer(self, plan: RecoveryPlan, *, replaces_peer: bool) -> None:
        """Offer an ICE restart of the peer in use, or a fresh peer, unless the plan has ended meanwhile."""
        self._peers.discard_substitute()
        peer = self._peers.create_substitute() if replaces_peer else self._peers.current
        try:
            offer = await peer.create_offer(ice_restart=not replaces_peer)
        except ContractError as error:
            log.info("connection %s: no reconnection offer could be made: %s", self._connection_id, error.message)
            return
        if self._plan is plan:
            self._listener.reconnection_offered(ReconnectionOffer(offer.sdp, peer.described_generation, replaces_peer))


def _now() -> float:
    return asyncio.get_running_loop().time()
