"""Libraries that have moved or changed a name that a lean import relies on: the program runs on a plain import."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import Mapping, Sequence

import pytest

from sidecar.client import SidecarClient
from sidecar.startup.replacements import REPLACEMENTS
from sidecar.webrtc.sdp import SdpDescription
from tests.support.marked_program import Edit, marked_command
from tests.support.peers import PATIENCE, Viewer, gather_on_loopback
from tests.support.sidecar_process import ROOT, sidecar_command

Changes = Mapping[str, Sequence[Edit]]

CHANGES: dict[str, dict[str, Changes]] = {
    "dataclasses": {
        "methods are executed in another way": {"dataclasses": [("exec(txt,", "builtins.exec(txt,")]},
    },
    "jsonrpcserver": {
        "a module needs a name of its package": {
            "jsonrpcserver.async_dispatcher": [("", "from jsonrpcserver import __all__")]
        },
        "a module needs a name of oslash": {"oslash.either": [("", "from oslash import Functor")]},
        "the validator has moved into a module": {"jsonrpcserver.response": [("", "import jsonschema")]},
    },
    "pydantic_core.core_schema": {
        "TypedDict is another library's": {
            "pydantic_core.core_schema": [("from typing_extensions import TypedDict", "from typing import TypedDict")]
        },
        "TypedDict is called": {"pydantic_core.core_schema": [("", "Pair = TypedDict('Pair', {'one': int})")]},
    },
    "pydantic.plugin": {
        "another name is imported with entry_points": {
            "pydantic.plugin._loader": [("import entry_points", "import distribution, entry_points")]
        },
        "entry_points is an attribute of its module": {
            "pydantic.plugin._loader": [
                ("from importlib.metadata import entry_points", "import importlib.metadata"),
                ("in entry_points(", "in importlib.metadata.entry_points("),
            ]
        },
        "entry_points takes other parameters": {
            "pydantic.plugin._loader": [("entry_points(group=", "entry_points(name='none', group=")]
        },
    },
    "cryptography.x509": {
        "another name is imported with parseaddr": {
            "cryptography.x509.general_name": [("import parseaddr", "import formataddr, parseaddr")]
        },
        "parseaddr has moved": {
            "cryptography.x509.general_name": [
                ("from email.utils import parseaddr", "from email._parseaddr import AddressList as parseaddr")
            ]
        },
        "a pattern has to be one of re": {
            "cryptography.x509.name": [("", "assert isinstance(_RFC4514NameParser._OID_RE, re.Pattern)")]
        },
    },
    "ifaddr": {
        "the C library has another name": {"ifaddr._posix": [('else "c")', 'else "c.so.6")')]},
        "the C library is not looked for": {
            "ifaddr._posix": [
                ('ctypes.util.find_library("socket" if os.uname()[0] == "SunOS" else "c")', "None"),
            ]
        },
    },
    "aioice.mdns": {
        "is_mdns_hostname has another parameter": {
            "aioice.mdns": [("is_mdns_hostname(name: str)", "is_mdns_hostname(name: str, strict: bool = True)")]
        },
        "another pattern tells names": {"aioice.mdns": [("{1,63}", "{1,255}")]},
        "a name is used at the import": {"aioice.ice": [("", "create = mdns.create_mdns_protocol")]},
        "MDnsProtocol is a base class": {"aioice.ice": [("", "class Resolver(mdns.MDnsProtocol): pass")]},
        "is_mdns_hostname is imported by its name": {
            "aioice.ice": [
                ("from . import mdns, stun, turn", "from . import stun, turn\nfrom .mdns import is_mdns_hostname"),
                ("mdns.is_mdns_hostname(", "is_mdns_hostname("),
                ("mdns.MDnsProtocol", "Any"),
                ("await mdns.create_mdns_protocol()", "None"),
            ]
        },
    },
    "aiortc": {
        "a module needs a name of its package": {
            "aiortc.rtcdtlstransport": [("from . import clock, rtp", "from . import InvalidStateError, clock, rtp")]
        },
        "another type is imported": {
            "aiortc.rtcdtlstransport": [("import RTCStatsReport,", "import RTCStats, RTCStatsReport,")]
        },
        "a type is used at run time": {
            "aiortc.rtp": [("", "def is_audio(frame: object) -> bool:\n    return isinstance(frame, AudioFrame)")]
        },
        "a type is a base class": {"aiortc.rtcdtlstransport": [("", "class Report(RTCStatsReport): pass")]},
    },
}
"""For each replacement the libraries of a later release, in which it does not fit."""

NOT_COMPILED = "dataclasses"
"""The replacement that needs a file of the bundle: it is given up in every program of these tests."""


@pytest.fixture(autouse=True)
def loopback_viewer(monkeypatch: pytest.MonkeyPatch) -> None:
    gather_on_loopback(monkeypatch)


async def given_up(command: Sequence[str]) -> list[str]:
    """Start a program, answer its offer and receive pictures; the replacements that it has given up, as logged."""
    viewer = Viewer()
    async with SidecarClient.start(command, cwd=str(ROOT)) as client:
        await client.notification("ready", timeout=PATIENCE)
        wanted = {"device_id": "test:pattern", "format": {"width": 320, "height": 180}}
        offer = await client.call("start_camera_webrtc_session", wanted, timeout=3 * PATIENCE)
        answer = await viewer.answer(SdpDescription("offer", offer["sdp"]))
        connection = {"connection_id": offer["connection_id"]}
        await client.call("set_remote_description", {**connection, "description": {"type": "answer", "sdp": answer}})
        assert viewer.track is not None
        for _ in range(3):
            await asyncio.wait_for(viewer.track.recv(), PATIENCE)
        await viewer.close()
        assert await client.close() == 0
        lines = [re.search(r"WARNING \S+ lean import of (\S+) given up", line) for line in client.stderr]
    return [line[1] for line in lines if line is not None]


def test_every_replacement_has_its_changed_libraries() -> None:
    assert set(CHANGES) == {replacement.name for replacement in REPLACEMENTS}


async def test_every_replacement_fits_the_locked_libraries() -> None:
    assert await given_up(marked_command()) == [NOT_COMPILED]


@pytest.mark.parametrize("name", CHANGES)
async def test_on_a_changed_library_the_program_starts_answers_and_streams(name: str) -> None:
    change = next(iter(CHANGES[name].values()))
    assert await given_up(marked_command(change)) == with_not_compiled(name)


@pytest.mark.parametrize(("name", "what"), [(name, what) for name, changes in CHANGES.items() for what in changes])
def test_a_changed_library_is_imported_plainly(name: str, what: str) -> None:
    assert given_up_by_imports(marked_command(CHANGES[name][what])) == with_not_compiled(name)


@pytest.mark.parametrize("name", [replacement.name for replacement in REPLACEMENTS if replacement.packages])
def test_an_exception_in_an_import_gives_the_replacement_up(name: str) -> None:
    (package, *_) = next(replacement.packages for replacement in REPLACEMENTS if replacement.name == name)
    assert given_up_by_imports(marked_command(failing=package)) == with_not_compiled(name)


async def test_a_program_that_is_not_frozen_imports_its_libraries_plainly() -> None:
    assert await given_up(sidecar_command()) == []


def with_not_compiled(name: str) -> list[str]:
    return list(dict.fromkeys((NOT_COMPILED, name)))


def given_up_by_imports(command: Sequence[str]) -> list[str]:
    """Import the program in a new interpreter; the names of the replacements that were given up."""
    printed = subprocess.check_output([*command, "--imports"], cwd=ROOT, text=True, timeout=60)
    names: list[str] = json.loads(printed)
    return names
