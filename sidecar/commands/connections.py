"""Methods about connections."""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from collections import Counter
from typing import TYPE_CHECKING

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
    StartCameraLocalSessionParams,
    StartCameraLocalSessionResult,
    StartCameraWebrtcSessionParams,
    StartCameraWebrtcSessionResult,
)

if TYPE_CHECKING:
    from sidecar.webrtc.sdp import SdpDescription

log = logging.getLogger(__name__)


async def start_camera_webrtc_session(
    services: Services, params: StartCameraWebrtcSessionParams
) -> StartCameraWebrtcSessionResult:
    """Everything up to the offer; what was made is undone when a part of it fails."""
    delay = (params.playout_delay.min_ms, params.playout_delay.max_ms) if params.playout_delay is not None else None
    connection = services.connections.create(params.ice_servers, delay)
    try:
        session = await services.connections.show(
            connection, params.device_id, requested(params.format), encoding(params.encoding)
        )
        offer, _ = await connection.create_offer()
        _tell_made(connection.connection_id, offer.type, offer.sdp)
    except BaseException:
        await services.connections.close(connection.connection_id, "it could not be started")
        raise
    return StartCameraWebrtcSessionResult(
        sdp_type="offer",
        sdp=offer.sdp,
        connection_id=connection.connection_id,
        session_id=session.session_id,
        device_id=session.stream.device.device_id,
    )


async def start_camera_local_session(
    services: Services, params: StartCameraLocalSessionParams
) -> StartCameraLocalSessionResult:
    """Everything up to the address; what was made is undone when a part of it fails."""
    connection = services.connections.create_local()
    try:
        session = await services.connections.show(
            connection, params.device_id, requested(params.format), encoding(params.encoding)
        )
        url, description = await connection.invite()
    except BaseException:
        await services.connections.close(connection.connection_id, "it could not be started")
        raise
    return StartCameraLocalSessionResult(
        url=url,
        connection_id=connection.connection_id,
        session_id=session.session_id,
        device_id=session.stream.device.device_id,
        codec=description.codec,
        description=b64encode(description.record).decode(),
        width=description.width,
        height=description.height,
        fps=session.stream.format.fps,
    )


async def create_peer_connection(services: Services, params: CreatePeerConnectionParams) -> CreatePeerConnectionResult:
    """A connection that shows nothing yet."""
    connection = services.connections.create(params.ice_servers)
    return CreatePeerConnectionResult(connection_id=connection.connection_id)


async def connect_camera_to_webrtc(services: Services, params: ConnectCameraParams) -> ConnectCameraResult:
    """Show a camera on a connection that was made by itself."""
    connection = services.connections.peer(params.connection_id)
    session = await services.connections.show(connection, params.device_id, requested(None), encoding(None))
    return ConnectCameraResult(session_id=session.session_id)


async def create_offer(services: Services, params: CreateOfferParams) -> DescriptionResult:
    """Offer the connection, or a new one, or restart ICE."""
    if params.connection_id is None:
        return await _offer_new(services, params)
    connection = services.connections.peer(params.connection_id)
    if params.ice_servers is not None:
        raise InvalidStateError(
            "the connection's ICE servers are fixed",
            hint="Pass ice_servers to create_peer_connection, or leave connection_id out.",
        )
    offer, generation = await connection.create_offer(params.ice_restart)
    return _described(connection.connection_id, offer, generation)


async def _offer_new(services: Services, params: CreateOfferParams) -> DescriptionResult:
    """Offer a new connection, which is closed when that fails."""
    connection = services.connections.create(params.ice_servers or [])
    try:
        offer, generation = await connection.create_offer(params.ice_restart)
    except BaseException:
        await services.connections.close(connection.connection_id, "it could not be offered")
        raise
    return _described(connection.connection_id, offer, generation)


async def create_answer(services: Services, params: ConnectionParams) -> DescriptionResult:
    """Answer the other peer's offer."""
    answer, generation = await services.connections.peer(params.connection_id).create_answer()
    return _described(params.connection_id, answer, generation)


async def set_remote_description(services: Services, params: SetRemoteDescriptionParams) -> Done:
    """The other peer's offer or answer."""
    connection = services.connections.peer(params.connection_id)
    described = params.description
    types = _candidate_types(described.sdp)
    log.info("connection %s: got the peer's %s, with candidates: %s", connection.connection_id, described.type, types)
    await connection.set_remote_description(described.type, described.sdp, params.generation)
    return Done()


async def add_ice_candidate(services: Services, params: AddIceCandidateParams) -> Done:
    """One of the other peer's candidates."""
    connection = services.connections.peer(params.connection_id)
    types = _candidate_types(params.candidate.candidate if params.candidate is not None else "")
    log.info("connection %s: got a candidate of the peer: %s", connection.connection_id, types)
    await connection.add_ice_candidate(params.candidate)
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
        ice_connection_state=connection.ice_connection_state,
        ice_gathering_state=connection.ice_gathering_state,
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


def _described(connection_id: str, made: SdpDescription, generation: int) -> DescriptionResult:
    _tell_made(connection_id, made.type, made.sdp)
    return DescriptionResult(sdp_type=made.type, sdp=made.sdp, connection_id=connection_id, generation=generation)


def _tell_made(connection_id: str, kind: str, sdp: str) -> None:
    log.info("connection %s: made an %s, with candidates: %s", connection_id, kind, _candidate_types(sdp))


def _candidate_types(text: str) -> str:
    """The kinds of the candidates in a description or a candidate line: all of them that the log may tell."""
    counted = Counter(re.findall(r" typ (host|srflx|prflx|relay)\b", text))
    return ", ".join(f"{count} {kind}" for kind, count in counted.items()) or "none"
