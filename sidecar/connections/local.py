"""A connection over the loopback interface, for a webview without WebRTC."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from sidecar.connections.connection import Connection
from sidecar.connections.policy import ConnectionPolicy
from sidecar.contract.errors import CameraFailedError, ContractError, InvalidStateError
from sidecar.contract.events import Notify
from sidecar.contract.types import ConnectionStats, IceConnectionState, IceGatheringState
from sidecar.local_stream.messages import ClientMessage, CodecName
from sidecar.local_stream.sender import LocalSender, Socket
from sidecar.local_stream.server import Invitation, LocalServer
from sidecar.media.access_unit import AccessUnit
from sidecar.media.codec import StreamDescription
from sidecar.media.subscription import Subscription
from sidecar.streams.stream import Stream

log = logging.getLogger(__name__)


class LocalConnection(Connection):
    """An invitation to the loopback server, and the sender of the viewer that accepts it.

    It is the listener of its invitation and of its sender.
    """

    def __init__(
        self,
        connection_id: str,
        server: LocalServer,
        *,
        notify: Notify,
        on_ended: Callable[[Connection, str], None],
        policy: ConnectionPolicy,
    ) -> None:
        super().__init__(
            connection_id,
            notify=notify,
            on_ended=on_ended,
            viewer_timeout=policy.local_timeout,
            timeout_reason=f"no viewer connected within {policy.local_timeout:g} s",
        )
        self._keyframe_timeout = policy.first_keyframe_timeout
        self._server = server
        self._invitation: Invitation | None = None
        self._first: _FirstKeyframe | None = None
        self._description: StreamDescription | None = None
        self._sender: LocalSender | None = None

    async def invite(self) -> tuple[str, StreamDescription]:
        """Return the address for the viewer and the description for its decoder.

        The description is taken from a keyframe, which is encoded for this purpose. Raises CameraFailedError,
        EncoderFailedError, LimitExceededError, InvalidStateError, and the error that ended the session meanwhile.
        """
        session = self._session
        if session is None:
            raise InvalidStateError("the camera was stopped meanwhile", hint="Start a new session.")
        self._description = description = (await self._first_keyframe(session.stream)).describe()
        self._invitation = invitation = await self._server.invite(self)
        if self.has_ended:
            await self._server.withdraw(invitation, "closed")
            raise InvalidStateError("the connection was closed meanwhile", hint="Start a new session.")
        self._enter("connecting", None)
        return invitation.url, description

    async def _first_keyframe(self, stream: Stream) -> AccessUnit:
        self._first = first = _FirstKeyframe()
        subscription = stream.subscribe(first)
        try:
            async with asyncio.timeout(self._keyframe_timeout):
                return await first.found
        except TimeoutError:
            raise CameraFailedError(f"the camera delivered no picture within {self._keyframe_timeout:g} s") from None
        finally:
            self._first = None
            subscription.close()

    # -- video --------------------------------------------------------------------------------------------------------

    def session_ended(self, problem: ContractError | None) -> None:
        """End with the session: a local connection gets no second one."""
        if self._first is not None:
            self._first.fail(problem or InvalidStateError("the camera was stopped", hint="Start a new session."))
        if self.stop_video() is not None:
            self._end(problem.message if problem is not None else "the session was stopped")

    def _show(self) -> None:
        if self._session is None or self._sender is None:
            return
        self._unsubscribe()
        stream, sender = self._session.stream, self._sender
        self._subscribe(stream.subscribe_jpeg(sender) if sender.codec == "jpeg" else stream.subscribe(sender))

    def _attach(self, subscription: Subscription | None) -> None:
        if self._sender is not None:
            self._sender.attach(subscription)

    async def _release(self, reason: str | None) -> None:
        if self._first is not None:
            self._first.fail(InvalidStateError("the connection was closed", hint="Start a new session."))
        if self._invitation is not None:
            await self._server.withdraw(self._invitation, reason or "closed")

    # -- the listener of the invitation -------------------------------------------------------------------------------

    def viewer_connected(self, socket: Socket) -> None:
        """Begin to send through the viewer's open socket."""
        assert self._description is not None
        self._cancel_viewer_timer()
        self._sender = LocalSender(socket, self._description, self, self._server.policy)
        self._show()

    def message_received(self, message: ClientMessage) -> None:
        """Take a message from the viewer."""
        if self._sender is not None:
            self._sender.receive(message)

    def viewer_disconnected(self, reason: str) -> None:
        """End the connection, because the viewer's socket was closed."""
        self._end(reason)

    # -- the listener of the sender -----------------------------------------------------------------------------------

    def picture_sent(self) -> None:
        """Become connected with the first picture."""
        self._enter("connected", None)

    def codec_changed(self, codec: CodecName) -> None:
        """Subscribe to pictures of the codec that the viewer chose."""
        log.info("connection %s: the viewer chose the codec %s", self.connection_id, codec)
        self._show()

    def stalled(self) -> None:
        """End the connection, because the viewer acknowledges no pictures any more."""
        self._end("the viewer acknowledges no pictures")

    # -- states and statistics ----------------------------------------------------------------------------------------

    @property
    def ice_connection_state(self) -> IceConnectionState:
        """The state of an ICE transport in the same situation."""
        return "connected" if self.state == "connected" else "new"

    @property
    def ice_gathering_state(self) -> IceGatheringState:
        """The state of an ICE transport without candidates to gather."""
        return "complete"

    def stats(self) -> ConnectionStats:
        """Return a snapshot of the counters; a message is counted as a packet."""
        sender = self._sender
        return ConnectionStats(
            connection_id=self.connection_id,
            session_id=self.session_id,
            device_id=self.device_id,
            state=self.state,
            transport="local",
            encoding=self._encoding,
            time_to_first_frame_ms=self._milliseconds_until(sender.first_frame_sent_at if sender else None),
            **(vars(sender.outbound()) if sender is not None else {}),
        )


class _FirstKeyframe:
    """A sink that waits for one keyframe."""

    def __init__(self) -> None:
        self.found: asyncio.Future[AccessUnit] = asyncio.get_running_loop().create_future()

    def push(self, access_unit: AccessUnit) -> None:
        if access_unit.keyframe and not self.found.done():
            self.found.set_result(access_unit)

    def fail(self, error: ContractError) -> None:
        if not self.found.done():
            self.found.set_exception(error)
