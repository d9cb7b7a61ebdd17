"""What sidecar.webrtc uses of aiortc and aioice that they do not promise to keep.

When a new release of theirs fails here, read what became of the member before changing the list.
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
from aioice import Candidate, Connection
from aioice.ice import CandidatePair, StunProtocol
from aioice.turn import TurnClientMixin, TurnClientTcpProtocol, TurnClientUdpProtocol
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceGatherer, RTCIceTransport

import sidecar.webrtc
from sidecar.webrtc.dtls import Certificate, DtlsTransport
from sidecar.webrtc.ice.agent import IceAgent
from sidecar.webrtc.ice.relay import TcpClient, UdpClient
from sidecar.webrtc.ice.sockets import CheckedProtocol

CONNECTION = {
    "_add_remote_candidate",
    "_check_list",
    "_closing",
    "_local_candidates",
    "_local_candidates_end",
    "_local_candidates_start",
    "_nominated",
    "_pair_remote_candidate",
    "_protocols",
    "_queue",
    "_remote_candidates",
    "_remote_candidates_expected",
    "_valid_username",
    "build_request",
    "check_state",
    "ice_controlling",
    "local_password",
    "remote_is_lite",
    "request_received",
    "sort_check_list",
}
DTLS_TRANSPORT = {"_set_role", "_set_state", "_ssl", "_task", "_tx_srtp"}
ICE_TRANSPORT = {"_recv", "_send", "role"}
STUN_PROTOCOL = {"receiver", "request", "transactions"}
TURN_CLIENT = {
    "_send",
    "channel_bind",
    "channel_refresh_at",
    "channel_refresh_time",
    "connect",
    "delete",
    "mapped_address",
    "peer_to_channel",
    "receiver",
    "refresh_task",
    "relayed_address",
    "send_data",
}
OVERRIDDEN = [
    (Connection, IceAgent, "_remote_candidates_expected"),
    (Connection, IceAgent, "_add_remote_candidate"),
    (Connection, IceAgent, "_pair_remote_candidate"),
    (Connection, IceAgent, "check_incoming"),
    (Connection, IceAgent, "check_state"),
    (Connection, IceAgent, "close"),
    (Connection, IceAgent, "data_received"),
    (Connection, IceAgent, "gather_candidates"),
    (Connection, IceAgent, "protocol_lost"),
    (Connection, IceAgent, "query_consent"),
    (Connection, IceAgent, "request_received"),
    (StunProtocol, CheckedProtocol, "datagram_received"),
    (TurnClientUdpProtocol, UdpClient, "datagram_received"),
    (TurnClientTcpProtocol, TcpClient, "data_received"),
    (RTCCertificate, Certificate, "_create_ssl_context"),
    (RTCDtlsTransport, DtlsTransport, "_do_handshake"),
    (RTCDtlsTransport, DtlsTransport, "_handle_rtcp_data"),
    (RTCDtlsTransport, DtlsTransport, "_handle_rtp_data"),
    (RTCDtlsTransport, DtlsTransport, "_recv_next"),
    (RTCDtlsTransport, DtlsTransport, "_setup_srtp"),
    (RTCDtlsTransport, DtlsTransport, "_validate_peer_identity"),
    (RTCDtlsTransport, DtlsTransport, "_write_ssl"),
    (RTCDtlsTransport, DtlsTransport, "start"),
]


def missing(instance: object, names: set[str]) -> set[str]:
    return {name for name in names if not hasattr(instance, name)}


async def test_the_ice_agent_has_what_is_used() -> None:
    assert not missing(Connection(ice_controlling=True), CONNECTION)
    candidate = Candidate("1", 1, "udp", 1, "127.0.0.1", 9, "host")
    assert candidate._network_host == "127.0.0.1"
    protocol = StunProtocol(Connection(ice_controlling=True))
    assert not missing(protocol, STUN_PROTOCOL)
    assert not missing(CandidatePair(protocol, candidate), {"protocol", "remote_candidate", "remote_addr"})


async def test_the_dtls_transport_has_what_is_used() -> None:
    ice_transport = RTCIceTransport(RTCIceGatherer(iceServers=[]))
    assert not missing(ice_transport, ICE_TRANSPORT)
    transport = RTCDtlsTransport(ice_transport, [RTCCertificate.generateCertificate()])
    assert not missing(transport, DTLS_TRANSPORT)


def test_the_dtls_transport_uses_nothing_else_of_the_ice_transport() -> None:
    used = {
        node.attr
        for node in ast.walk(ast.parse(inspect.getsource(inspect.getmodule(RTCDtlsTransport) or ast)))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and isinstance(node.value.value, ast.Name)
        and (node.value.value.id, node.value.attr) == ("self", "transport")
    }
    assert used == ICE_TRANSPORT


@pytest.mark.parametrize("client", [TurnClientTcpProtocol, TurnClientUdpProtocol])
def test_the_turn_client_has_what_is_used(client: type[TurnClientMixin]) -> None:
    instance = client(("127.0.0.1", 1), "username", "password", 600, 500)
    assert not missing(instance, TURN_CLIENT)


@pytest.mark.parametrize(("base", "ours", "name"), OVERRIDDEN, ids=lambda value: getattr(value, "__name__", value))
def test_an_overridden_method_is_there_and_takes_the_same(base: type, ours: type, name: str) -> None:
    assert name in vars(ours)
    theirs = inspect.signature(getattr(base, name)).parameters
    assert list(inspect.signature(getattr(ours, name)).parameters) == list(theirs)


def test_the_lists_are_complete() -> None:
    """Every private name that the package uses and does not define itself stands in a list above."""
    used: set[str] = set()
    defined: set[str] = set()
    (folder,) = sidecar.webrtc.__path__
    for path in Path(folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                defined.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                defined.add(node.attr)
            elif isinstance(node, ast.Attribute):
                used.add(node.attr)
    used.discard("_replace")  # public: a method of every NamedTuple
    private = {name for name in used - defined if name.startswith("_") and not name.startswith("__")}
    listed = CONNECTION | DTLS_TRANSPORT | ICE_TRANSPORT | TURN_CLIENT | {"_network_host"}
    assert private <= listed
