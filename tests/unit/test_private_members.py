"""The private members of libraries that the sidecar uses, each named here.

When a new release of a library fails here, read its changes before you change the list.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from operator import attrgetter
from pathlib import Path

import pytest
from aioice import Candidate, Connection
from aioice.ice import CandidatePair, StunProtocol
from aioice.turn import TurnClientMixin, TurnClientTcpProtocol, TurnClientUdpProtocol
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceGatherer, RTCIceTransport

import sidecar
from sidecar.webrtc.dtls import Certificate, DtlsTransport
from sidecar.webrtc.ice.agent import IceAgent
from sidecar.webrtc.ice.relay import TcpClient, UdpClient
from sidecar.webrtc.ice.sockets import CheckedProtocol

SIDECAR = Path(sidecar.__file__).parent

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
LEAN_IMPORTS = {
    "aioice.ice:mdns.is_mdns_hostname",
    "aiortc.rtcdtlstransport:RTCDtlsTransport._get_stats",
    "cryptography.x509.general_name:parseaddr",
    "ifaddr._posix:ctypes.util.find_library",
    "pydantic.plugin._loader:entry_points",
    "pydantic_core.core_schema:TypedDict",
}
"""The names that sidecar/startup/replacements.py relies on; test_changed_libraries.py has the effects of changes."""

PUBLIC = {"_MEI", "_MEIPASS", "_asdict", "_exit", "_replace"}
"""Names with an underscore that are documented: those of PyInstaller, of named tuples, and os._exit."""

TEXTS = {"RTCDtlsTransport._get_stats", "pydantic.plugin._loader"}
"""Private names in texts: parts of LEAN_IMPORTS."""

LISTED = CONNECTION | DTLS_TRANSPORT | ICE_TRANSPORT | TURN_CLIENT | {"_network_host"} | PUBLIC | TEXTS

PRIVATE_TEXT = re.compile(r"(\w+\.)*_[A-Za-z]\w*(\.\w+)*")

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


def test_the_replaced_names_of_libraries_are_there() -> None:
    for name in LEAN_IMPORTS:
        module, _, attribute = name.partition(":")
        assert attrgetter(attribute)(importlib.import_module(module)) is not None


@pytest.mark.parametrize("path", sorted(SIDECAR.rglob("*.py")), ids=lambda path: str(path.relative_to(SIDECAR)))
def test_every_private_name_of_a_library_is_listed(path: Path) -> None:
    """A name may be private to the file itself, or, on `self`, to the base classes of ours in other files."""
    names = PrivateNames(ast.parse(path.read_text("utf-8")))
    own = names.defined | (OURS if "webrtc" not in path.parts else set())
    assert names.used_on_others - names.defined <= LISTED
    assert names.used_on_self - own <= LISTED
    assert names.in_texts <= LISTED


def test_no_listed_name_is_unused() -> None:
    used: set[str] = set()
    for path in SIDECAR.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        used |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        used |= PrivateNames(tree).in_texts
    assert {name for name in LISTED - used if name.startswith("_")} == set()


@pytest.mark.parametrize(
    "source",
    [
        "connection._queue",
        "from library import _hidden",
        "from library._hidden import name",
        "import library._hidden",
        "getattr(library, '_hidden')",
        "import_module('library._hidden')",
        "replaced(module, 'library._hidden.name')",
    ],
)
def test_the_guard_sees_a_private_name(source: str) -> None:
    names = PrivateNames(ast.parse(source))
    assert (names.used_on_others | names.in_texts) & {"_queue", "_hidden", "library._hidden", "library._hidden.name"}


class PrivateNames:
    """The private names that a module uses and defines."""

    def __init__(self, tree: ast.Module) -> None:
        self.defined: set[str] = set()
        self.used_on_self: set[str] = set()
        self.used_on_others: set[str] = set()
        self.in_texts: set[str] = set()
        for node in ast.walk(tree):
            self._look(node)

    def _look(self, node: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self.defined.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            self.defined.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            self.defined.add(node.attr)
        elif isinstance(node, ast.Attribute):
            is_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            self._use(node.attr, self.used_on_self if is_own else self.used_on_others)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            modules = [*(alias.name for alias in node.names), getattr(node, "module", None) or ""]
            for part in (part for module in modules for part in module.split(".")):
                self._use(part, self.used_on_others)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and PRIVATE_TEXT.fullmatch(node.value):
            self.in_texts.add(node.value)

    @staticmethod
    def _use(name: str, names: set[str]) -> None:
        if name.startswith("_") and not name.startswith("__"):
            names.add(name)


OURS = {name for path in SIDECAR.rglob("*.py") for name in PrivateNames(ast.parse(path.read_text("utf-8"))).defined}
