"""Methods about connections."""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from collections import Counter
from typing import TYPE_CHECKING

from sidecar.cameras.describe import describe_format
from sidecar.commands.cameras import encoding_options, requested_format
from sidecar.commands.handlers import handles
from sidecar.commands.services import Services
from sidecar.contract.errors import InvalidStateError
from sidecar.contract.methods import connections as contract
from sidecar.contract.models import Done

if TYPE_CHECKING:
    from sidecar.webrtc.sdp import SdpDescription

log = logging.getLogger(__name__)


@handles(contract.START_CAMERA_WEBRTC_SESSION)
async def start_camera_webrtc_session(
    services: Services, params: contract.StartCameraWebrtcSessionParams
) -> contract.StartCameraWebrtcSessionResult:
    """Open the camera, make the connection and its offer; a failure closes the connection."""
    delay = (params.playout_delay.min_ms, params.playout_delay.max_ms) if params.playout_delay is not None else None
    connection = services.connections.create(params.ice_servers, delay)
    try:
        session = await services.connections.show(
            connection, params.device_id, requested_format(params.format), encoding_options(params.encoding)
        )
        offer, _ = await connection.create_offer()
        _log_description(connection.connection_id, offer.type, offer.sdp)
    except BaseException:
        await services.connections.close(connection.connection_id, "the session could not be started")
        raise
    return contract.StartCameraWebrtcSessionResult(
        sdp_type="offer",
        sdp=offer.sdp,
        connection_id=connection.connection_id,
        session_id=session.session_id,
        device_id=session.stream.device.device_id,
        format=describe_format(session.stream.format),
    )


@handles(contract.START_CAMERA_LOCAL_SESSION)
async def start_camera_local_session(
    services: Services, params: contract.StartCameraLocalSessionParams
) -> contract.StartCameraLocalSessionResult:
    """Open the camera, and invite a viewer to a local stream; a failure closes the connection."""
    connection = services.connections.create_local()
    try:
        session = await services.connections.show(
            connection, params.device_id, requested_format(params.format), encoding_options(params.encoding)
        )
        url, description = await connection.invite()
    except BaseException:
        await services.connections.close(connection.connection_id, "the session could not be started")
        raise
    return contract.StartCameraLocalSessionResult(
        url=url,
        connection_id=connection.connection_id,
        session_id=session.session_id,
        device_id=session.stream.device.device_id,
        format=describe_format(session.stream.format),
        codec=description.codec,
        description=b64encode(description.record).decode(),
        width=description.width,
        height=description.height,
        fps=session.stream.format.fps,
    )


@handles(contract.CREATE_PEER_CONNECTION)
async def create_peer_connection(
    services: Services, params: contract.CreatePeerConnectionParams
) -> contract.CreatePeerConnectionResult:
    """Make a connection without a camera."""
    connection = services.connections.create(params.ice_servers)
    return contract.CreatePeerConnectionResult(connection_id=connection.connection_id)


@handles(contract.CONNECT_CAMERA_TO_WEBRTC)
async def connect_camera_to_webrtc(
    services: Services, params: contract.ConnectCameraParams
) -> contract.ConnectCameraResult:
    """Show a camera on the connection of create_peer_connection or create_offer."""
    connection = services.connections.get_webrtc(params.connection_id)
    session = await services.connections.show(
        connection, params.device_id, requested_format(None), encoding_options(None)
    )
    return contract.ConnectCameraResult(
        session_id=session.session_id,
        device_id=session.stream.device.device_id,
        format=describe_format(session.stream.format),
    )


@handles(contract.CREATE_OFFER)
async def create_offer(services: Services, params: contract.CreateOfferParams) -> contract.DescriptionResult:
    """Make an offer: the first of a connection, of a new one, or an ICE restart."""
    if params.connection_id is None:
        return await _offer_new(services, params)
    connection = services.connections.get_webrtc(params.connection_id)
    if params.ice_servers is not None:
        raise InvalidStateError(
            "the connection's ICE servers are fixed",
            hint="Pass ice_servers to create_peer_connection, or leave connection_id out.",
        )
    offer, generation = await connection.create_offer(params.ice_restart)
    return _described(connection.connection_id, offer, generation)


async def _offer_new(services: Services, params: contract.CreateOfferParams) -> contract.DescriptionResult:
    """Make an offer of a new connection; a failure closes it."""
    connection = services.connections.create(params.ice_servers or [])
    try:
        offer, generation = await connection.create_offer(params.ice_restart)
    except BaseException:
        await services.connections.close(connection.connection_id, "the offer could not be made")
        raise
    return _described(connection.connection_id, offer, generation)


@handles(contract.CREATE_ANSWER)
async def create_answer(services: Services, params: contract.ConnectionParams) -> contract.DescriptionResult:
    """Answer the other peer's offer."""
    answer, generation = await services.connections.get_webrtc(params.connection_id).create_answer()
    return _described(params.connection_id, answer, generation)


@handles(contract.SET_REMOTE_DESCRIPTION)
async def set_remote_description(services: Services, params: contract.SetRemoteDescriptionParams) -> Done:
    """Take the other peer's offer or answer."""
    connection = services.connections.get_webrtc(params.connection_id)
    described = params.description
    types = _candidate_types(described.sdp)
    log.info(
        "connection %s: received the peer's %s, with candidates: %s", connection.connection_id, described.type, types
    )
    await connection.set_remote_description(described.type, described.sdp, params.generation)
    return Done()


@handles(contract.ADD_ICE_CANDIDATE)
async def add_ice_candidate(services: Services, params: contract.AddIceCandidateParams) -> Done:
    """Take a candidate of the other peer."""
    connection = services.connections.get_webrtc(params.connection_id)
    types = _candidate_types(params.candidate.candidate if params.candidate is not None else "")
    log.info("connection %s: received a candidate of the peer: %s", connection.connection_id, types)
    await connection.add_ice_candidate(params.candidate)
    return Done()


@handles(contract.GET_CONNECTION_STATE)
async def get_connection_state(services: Services, params: contract.ConnectionParams) -> contract.ConnectionStateResult:
    """Return the W3C states, also of a closed connection."""
    if services.connections.is_closed(params.connection_id):
        return contract.ConnectionStateResult(
            connection_state="closed", ice_connection_state="closed", ice_gathering_state="complete"
        )
    connection = services.connections.get(params.connection_id)
    return contract.ConnectionStateResult(
        connection_state=connection.state,
        ice_connection_state=connection.ice_connection_state,
        ice_gathering_state=connection.ice_gathering_state,
    )


@handles(contract.CLOSE_CONNECTION)
async def close_connection(services: Services, params: contract.ConnectionParams) -> contract.CloseConnectionResult:
    """Close the connection and end its session."""
    ended = await services.connections.close(params.connection_id)
    return contract.CloseConnectionResult(
        connection_id=ended.connection_id,
        device_id=ended.device_id,
        session_id=ended.session_id,
        camera_released=ended.camera_released,
        already_closed=ended.already_closed,
    )


def _described(connection_id: str, made: SdpDescription, generation: int) -> contract.DescriptionResult:
    _log_description(connection_id, made.type, made.sdp)
    return contract.DescriptionResult(
        sdp_type=made.type, sdp=made.sdp, connection_id=connection_id, generation=generation
    )


def _log_description(connection_id: str, kind: str, sdp: str) -> None:
    log.info("connection %s: made an %s, with candidates: %s", connection_id, kind, _candidate_types(sdp))


def _candidate_types(text: str) -> str:
    """Return the number of candidates of each type; the log must not hold their addresses."""
    counted = Counter(re.findall(r" typ (host|srflx|prflx|relay)\b", text))
    return ", ".join(f"{count} {kind}" for kind, count in counted.items()) or "none"
