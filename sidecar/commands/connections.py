"""Methods about connections."""

from __future__ import annotations

from sidecar.commands.cameras import encoding, requested
from sidecar.commands.services import Services
from sidecar.contract.errors import InvalidStateError
from sidecar.contract.methods import (
    AddIceCandidateParams,
    CloseConnectionResult,
    ConnectCameraParams,
    ConnectCameraResult,
    ConnectionParams,
    ConnectionStateResult,
    CreateOfferParams,
    CreatePeerConnectionParams,
    CreatePeerConnectionResult,
    DescriptionResult,
    Done,
    SetRemoteDescriptionParams,
    StartCameraWebrtcSessionParams,
    StartCameraWebrtcSessionResult,
)
from sidecar.contract.types import PlayoutDelay


async def start_camera_webrtc_session(
    services: Services, params: StartCameraWebrtcSessionParams
) -> StartCameraWebrtcSessionResult:
    """Everything up to the offer; what was made is undone when a part of it fails."""
    delay = params.playout_delay or PlayoutDelay()
    connection = services.connections.create(params.ice_servers, (delay.min_ms, delay.max_ms))
    try:
        session = await services.connections.show(
            connection, params.device_id, requested(params.format), encoding(params.encoding)
        )
        offer = await connection.peer.create_offer()
    except BaseException:
        await services.connections.close(connection.connection_id, "it could not be started")
        raise
    return StartCameraWebrtcSessionResult(
        sdp_type="offer",
        sdp=offer.sdp,
        connection_id=connection.connection_id,
        session_id=session.session_id,
        device_id=session.camera.device.device_id,
    )


async def create_peer_connection(services: Services, params: CreatePeerConnectionParams) -> CreatePeerConnectionResult:
    """A connection that shows nothing yet."""
    connection = services.connections.create(params.ice_servers)
    return CreatePeerConnectionResult(connection_id=connection.connection_id)


async def connect_camera_to_webrtc(services: Services, params: ConnectCameraParams) -> ConnectCameraResult:
    """Show a camera on a connection that was made by itself."""
    connection = services.connections.get(params.connection_id)
    session = await services.connections.show(connection, params.device_id, requested(None), encoding(None))
    return ConnectCameraResult(session_id=session.session_id)


async def create_offer(services: Services, params: CreateOfferParams) -> DescriptionResult:
    """Offer the connection, or a new one."""
    if params.connection_id is None:
        connection = services.connections.create(params.ice_servers or [])
    else:
        connection = services.connections.get(params.connection_id)
        if params.ice_servers is not None:
            raise InvalidStateError(
                "the connection's ICE servers are fixed",
                hint="Pass ice_servers to create_peer_connection, or leave connection_id out.",
            )
    if params.ice_restart:
        raise InvalidStateError("ICE cannot be restarted", hint="Close the connection and start a new session.")
    offer = await connection.peer.create_offer()
    return DescriptionResult(sdp_type=offer.type, sdp=offer.sdp, connection_id=connection.connection_id)


async def create_answer(services: Services, params: ConnectionParams) -> DescriptionResult:
    """Answer the other peer's offer."""
    answer = await services.connections.get(params.connection_id).peer.create_answer()
    return DescriptionResult(sdp_type=answer.type, sdp=answer.sdp, connection_id=params.connection_id)


async def set_remote_description(services: Services, params: SetRemoteDescriptionParams) -> Done:
    """The other peer's offer or answer."""
    connection = services.connections.get(params.connection_id)
    await connection.set_remote_description(params.description.type, params.description.sdp)
    return Done()


async def add_ice_candidate(services: Services, params: AddIceCandidateParams) -> Done:
    """One of the other peer's candidates."""
    await services.connections.get(params.connection_id).peer.add_ice_candidate(params.candidate)
    return Done()


async def get_connection_state(services: Services, params: ConnectionParams) -> ConnectionStateResult:
    """The W3C states; of a connection that was closed, too."""
    if services.connections.is_closed(params.connection_id):
        return ConnectionStateResult(
            connection_state="closed", ice_connection_state="closed", ice_gathering_state="complete"
        )
    connection = services.connections.get(params.connection_id)
    return ConnectionStateResult(
        connection_state=connection.state,
        ice_connection_state=connection.peer.ice_connection_state,
        ice_gathering_state=connection.peer.ice_gathering_state,
    )


async def close_connection(services: Services, params: ConnectionParams) -> CloseConnectionResult:
    """Close it and end its session."""
    ended = await services.connections.close(params.connection_id)
    return CloseConnectionResult(
        connection_id=ended.connection_id,
        device_id=ended.device_id,
        session_id=ended.session_id,
        camera_released=ended.camera_released,
        already_closed=ended.already_closed,
    )
