"""The ICE generations of a connection: the agents, and the descriptions of the peer (RFC 8445, 9)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator

from aioice import Candidate

from sidecar.webrtc.ice.agent import IceAgent
from sidecar.webrtc.ice.remote_candidates import RemoteCandidates
from sidecar.webrtc.ice.settings import AgentSettings
from sidecar.webrtc.ice.transport import IceTransport
from sidecar.webrtc.sdp import RemoteDescription

logger = logging.getLogger(__name__)


class IceGeneration:
    """An ICE agent with its own user name fragment and password, and the peer's description that belongs to them.

    `number` counts the generations of a connection. An ICE restart makes a new generation; the old one carries the
    media until the new one has found a path.
    """

    def __init__(self, number: int, agent: IceAgent) -> None:
        self.number = number
        self.agent = agent
        self.candidates = RemoteCandidates(agent)
        self._username_fragment: str | None = None

    def describe(self, remote: RemoteDescription) -> None:
        """Take the peer's description: its password and all candidates so far are used from now on."""
        agent = self.agent
        agent.remote_username, agent.remote_password = remote.ice.username_fragment, remote.ice.password
        agent.remote_is_lite = remote.ice.is_lite
        self._username_fragment = remote.ice.username_fragment
        self.candidates.describe(remote)

    def is_of(self, username_fragment: str | None) -> bool:
        """Return whether candidates with this user name fragment of the peer are known to belong to this generation."""
        return username_fragment is not None and username_fragment == self._username_fragment

    def why_no_path(self) -> str:
        """Return the likely reason, for people, when all checks have failed."""
        if self.agent.has_remote_candidates:
            return "no candidate pair answered: a firewall may be in the way, or a TURN server is needed"
        if self.candidates.count:
            return "none of the remote candidates could be used: their names do not resolve"
        return "no remote candidate arrived: pass the peer's candidates on with add_ice_candidate"


class IceGenerations:
    """The generation in use, and the generation of a restart until it has found a path.

    `transport` uses the agent of the generation in use. `on_candidate` gets the candidates of the newest generation.
    `on_heard` is called for each sign of life on the path in use, and when a restart has changed the path.
    """

    def __init__(
        self,
        numbers: Iterator[int],
        settings: AgentSettings,
        *,
        on_candidate: Callable[[IceGeneration, Candidate | None], None],
        on_heard: Callable[[], None],
    ) -> None:
        self._numbers = numbers
        self._settings = settings
        self._on_candidate = on_candidate
        self._on_heard = on_heard
        self.current = self._make()
        self.transport = IceTransport(self.current.agent)
        self._next: IceGeneration | None = None
        self._restarting: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def newest(self) -> IceGeneration:
        """The generation of a restart, if there is one, else the generation in use."""
        return self._next or self.current

    @property
    def agents(self) -> tuple[IceAgent, ...]:
        """The agents that receive datagrams: of the generation in use, and of a restart that has found no path yet."""
        return (self.current.agent,) if self._next is None else (self.current.agent, self._next.agent)

    @property
    def is_restarting(self) -> bool:
        """Whether a generation of a restart has not found a path yet."""
        return self._next is not None

    async def gather(self) -> IceGeneration:
        """Return the newest generation, its sockets open and its host candidates known.

        Raises LimitExceededError when the sockets are too many.
        """
        generation = self.newest
        await generation.agent.gather_candidates()
        return generation

    def prepare_restart(self) -> IceGeneration:
        """Make a new generation; it replaces a generation that has not found a path.

        The roles stay as they are (RFC 8445, 6.1.1).
        """
        self.drop_restart()
        self._next = self._make()
        self._next.agent.ice_controlling = self.current.agent.ice_controlling
        return self._next

    def restart(self, limit: float) -> asyncio.Task[None]:
        """Change to the newest generation, whose descriptions are complete, when it finds a path within `limit` s."""
        assert self._next is not None
        self._restarting = asyncio.create_task(self._switch_to(self._next, limit))
        return self._restarting

    def drop_restart(self) -> None:
        """Give up the restart, if one is under way."""
        if self._restarting is not None:
            self._restarting.cancel()
            self._end_with(self._restarting)
        if self._next is not None:
            self._retire(self._next)
        self._restarting = self._next = None

    async def close(self) -> None:
        """Close all generations."""
        self.drop_restart()
        self._retire(self.current)
        await asyncio.wait(self._ending)

    async def _switch_to(self, generation: IceGeneration, limit: float) -> None:
        try:
            async with asyncio.timeout(limit):
                await generation.agent.connect()
        except TimeoutError:
            logger.info("generation %d found no path: %s", generation.number, generation.why_no_path())
            self._retire(generation)
        else:
            before, self.current = self.current, generation
            self.transport.agent = generation.agent
            self._retire(before)
            self._on_heard()
        finally:
            if self._next is generation:
                self._restarting = self._next = None

    def _make(self) -> IceGeneration:
        agent = IceAgent(
            self._settings,
            on_candidate=lambda candidate: self._found(generation, candidate),
            on_heard=lambda: self._heard(generation),
        )
        generation = IceGeneration(next(self._numbers), agent)
        return generation

    def _found(self, generation: IceGeneration, candidate: Candidate | None) -> None:
        if generation is self.newest:
            self._on_candidate(generation, candidate)

    def _heard(self, generation: IceGeneration) -> None:
        if generation is self.current:
            self._on_heard()

    def _retire(self, generation: IceGeneration) -> None:
        self._end_with(asyncio.create_task(generation.agent.close()))

    def _end_with(self, task: asyncio.Task[None]) -> None:
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
