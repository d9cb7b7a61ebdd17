"""The registry of connections: limits, closing, and the release of cameras."""

from __future__ import annotations

import asyncio

import pytest

from sidecar.cameras.device import RequestedFormat
from sidecar.connections.connection import Connection
from sidecar.connections.connections import Connections
from sidecar.connections.policy import ConnectionPolicy
from sidecar.contract.errors import (
    ConnectionNotFoundError,
    IceServerNotAllowedError,
    InvalidStateError,
    LimitExceededError,
)
from sidecar.contract.types import EncodingOptions, IceServer
from sidecar.streams.sessions import Session, Sessions
from sidecar.webrtc.ice.policy import IcePolicy
from tests.support.notifications import Notifications

SMALL = RequestedFormat(width=320, height=180, fps=30)


async def show(connections: Connections, connection: Connection) -> Session:
    return await connections.show(connection, "test:pattern", SMALL, EncodingOptions())


async def test_closing_a_connection_releases_its_camera(sessions: Sessions, connections: Connections) -> None:
    connection = connections.create([])
    session = await show(connections, connection)
    ended = await connections.close(connection.connection_id)
    assert (ended.device_id, ended.session_id) == ("test:pattern", session.session_id)
    assert ended.camera_released
    assert not ended.already_closed
    assert not sessions.streams.is_open("test:pattern")


async def test_closing_twice_is_no_error(connections: Connections) -> None:
    connection = connections.create([])
    first, second = await asyncio.gather(*(connections.close(connection.connection_id) for _ in range(2)))
    third = await connections.close(connection.connection_id)
    assert (first.already_closed, second.already_closed, third.already_closed) == (False, False, True)


async def test_closing_one_connection_leaves_the_camera_to_the_other(
    sessions: Sessions, connections: Connections
) -> None:
    first, second = connections.create([]), connections.create([])
    await show(connections, first)
    await show(connections, second)
    assert not (await connections.close(first.connection_id)).camera_released
    assert sessions.streams.is_open("test:pattern")
    assert (await connections.close(second.connection_id)).camera_released


async def test_a_connection_shows_one_camera_at_a_time(connections: Connections) -> None:
    connection = connections.create([])
    await show(connections, connection)
    with pytest.raises(InvalidStateError):
        await show(connections, connection)


async def test_a_session_that_is_stopped_leaves_its_connection_open_for_another(
    sessions: Sessions, connections: Connections
) -> None:
    connection = connections.create([])
    session = await show(connections, connection)
    assert (await sessions.close(session.session_id)).camera_released
    assert not connections.is_closed(connection.connection_id)
    again = await show(connections, connection)
    assert again.session_id != session.session_id


async def test_an_unknown_connection_and_a_closed_one_are_different_errors(connections: Connections) -> None:
    with pytest.raises(ConnectionNotFoundError):
        connections.get("nobody")
    with pytest.raises(ConnectionNotFoundError):
        await connections.close("nobody")
    connection = connections.create([])
    await connections.close(connection.connection_id)
    with pytest.raises(InvalidStateError):
        connections.get(connection.connection_id)


async def test_more_connections_than_the_limit_are_refused(sessions: Sessions, notifications: Notifications) -> None:
    connections = Connections(sessions, notifications, policy=ConnectionPolicy(max_connections=2))
    first, _ = connections.create([]), connections.create([])
    with pytest.raises(LimitExceededError) as refused:
        connections.create([])
    assert refused.value.details == {"limit": "connections", "maximum": 2}
    await connections.close(first.connection_id)
    connections.create([])
    await connections.aclose()


async def test_an_unanswered_offer_releases_the_camera(sessions: Sessions, notifications: Notifications) -> None:
    connections = Connections(sessions, notifications, policy=ConnectionPolicy(answer_timeout=0.5))
    connection = connections.create([])
    await show(connections, connection)
    await connection.peer.create_offer()
    failed = await notifications.wait_for("connection_state", lambda state: state["state"] == "failed")
    assert "no description" in failed["reason"]
    await notifications.wait_for("connection_state", lambda state: state["state"] == "closed")
    assert not sessions.streams.is_open("test:pattern")


async def test_a_connection_closed_while_its_camera_opens_leaves_no_session(
    sessions: Sessions, connections: Connections
) -> None:
    connection = connections.create([])
    opening = asyncio.create_task(show(connections, connection))
    await asyncio.sleep(0)
    await connections.close(connection.connection_id)
    with pytest.raises(InvalidStateError):
        await opening
    assert not sessions.streams.is_open("test:pattern")


async def test_a_forbidden_ice_server_creates_no_connection(sessions: Sessions, notifications: Notifications) -> None:
    policy = ConnectionPolicy(answer_timeout=0.05)
    connections = Connections(sessions, notifications, ice=IcePolicy("local"), policy=policy)
    with pytest.raises(IceServerNotAllowedError):
        connections.create([IceServer(urls="stun:stun.example.org")])
    assert connections.all() == []
    await asyncio.sleep(0.1)  # a timer of the refused connection would have expired
    assert notifications.of("connection_state") == []
