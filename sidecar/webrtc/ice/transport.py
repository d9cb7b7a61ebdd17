"""The ICE transport of a connection through all its generations (W3C RTCIceTransport)."""

from __future__ import annotations

from sidecar.webrtc.ice.agent import IceAgent


class IceTransport:
    """The part of an RTCIceTransport that RTCDtlsTransport uses, over the ICE agent in use.

    `agent` may be replaced by the agent of a later generation that has found a path. The caller closes the old one.
    """

    def __init__(self, agent: IceAgent) -> None:
        self.agent = agent

    @property
    def role(self) -> str:
        """The role in ICE: controlling or controlled."""
        return "controlling" if self.agent.ice_controlling else "controlled"

    async def _recv(self) -> bytes:
        while True:
            agent = self.agent
            try:
                return await agent.recv()
            except ConnectionError:
                # The agent was closed after its replacement: data arrives through the new agent.
                if agent is self.agent:
                    raise

    async def _send(self, data: bytes) -> None:
        await self.agent.send(data)
