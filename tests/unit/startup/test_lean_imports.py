from __future__ import annotations

import ctypes.util
import inspect
import re
import subprocess
import sys

import aioice.mdns
import aiortc.rtcdtlstransport
import aiortc.rtp
import pytest
from cryptography.x509 import Name

from sidecar.commands.imports import PRELOADED
from sidecar.startup.lean_imports import TYPES_ONLY, _MdnsOnDemand
from tests.support.sidecar_process import ROOT

NAME = Name.from_rfc4514_string(r"CN=a\, b,O=\C3\BC+2.5.4.5=#0C0131")
PREPARE = "from sidecar.startup import lean_imports; lean_imports.prepare()\n"


def run(code: str) -> str:
    """What a new interpreter prints."""
    return subprocess.check_output([sys.executable, "-c", PREPARE + code], cwd=ROOT, text=True, timeout=60).strip()


def test_the_packages_that_others_stood_in_for_are_there_afterwards() -> None:
    code = """
import av, importlib.metadata
from av import AudioFrame, VideoFrame
print(AudioFrame.__module__, VideoFrame(16, 16).width, importlib.metadata.version("aiortc") != "")
"""
    assert run(code) == "av.audio.frame 16 True"


def test_packages_that_were_imported_before_stay_as_they_are() -> None:
    code = "import av; from sidecar.startup import lean_imports; before = av; "
    after = f"{code}lean_imports.prepare(); import av; print(av is before, av.AudioFrame.__name__)"
    found = subprocess.check_output([sys.executable, "-c", after], cwd=ROOT, text=True, timeout=60)
    assert found.strip() == "True AudioFrame"


def test_no_plug_in_of_pydantic_runs_in_the_program() -> None:
    assert run("from pydantic.plugin import _loader; print(list(_loader.get_plugins()))") == "[]"


def test_the_library_for_names_is_imported_when_there_is_one_to_resolve() -> None:
    code = """
import sys
from aioice import ice, mdns
names = [ice.mdns.is_mdns_hostname("a.local"), "dns" in sys.modules]
print(*names, mdns.create_mdns_hostname().endswith(".local"), "dns" in sys.modules)
print(ice.mdns.create_mdns_protocol is sys.modules["aioice.mdns"].create_mdns_protocol)
"""
    assert run(code).split() == ["True", "False", "True", "True", "True"]


def test_nobody_finds_what_the_library_for_names_does_not_have() -> None:
    assert run("from aioice import mdns; print(hasattr(mdns, 'nothing'), hasattr(mdns, '__path__'))") == "False False"


@pytest.mark.parametrize(
    "name", ["a.local", "4c1f-2.local", "a.b.local", "a.local.", ".local", "local", "a.LOCAL", "10.0.0.1", "a.local\n"]
)
def test_names_are_told_from_addresses_as_aioice_does(name: str) -> None:
    on_demand = _MdnsOnDemand("aioice.mdns")
    assert on_demand.is_mdns_hostname(name) == aioice.mdns.is_mdns_hostname(name)


@pytest.mark.parametrize("names", TYPES_ONLY.values(), ids=TYPES_ONLY)
def test_aiortc_names_what_others_stand_in_for_only_as_types(names: tuple[str, ...]) -> None:
    statistics = inspect.getsource(aiortc.rtcdtlstransport.RTCDtlsTransport._get_stats)  # which nobody asks for here
    source = inspect.getsource(aiortc.rtp) + inspect.getsource(aiortc.rtcdtlstransport).replace(statistics, "")
    for name in names:
        uses = [line.strip() for line in source.splitlines() if re.search(rf"\b{name}\b", line)]
        assert uses
        for use in uses:
            assert re.search(rf"import .*\b{name}\b|^{name},$|\w+: {name}\b", use)


def test_what_was_replaced_for_an_import_is_back_afterwards() -> None:
    code = """
import ctypes.util, re, typing_extensions
print(ctypes.util.find_library("c") is None, ctypes.util.__spec__ is None, type(re.compile("")) is re.Pattern)
print(typing_extensions.is_typeddict(typing_extensions.TypedDict("Found", {"name": str})))
"""
    found = run(code).split()
    assert found[1:] == ["False", "True", "True"]
    assert found[0] == str(ctypes.util.find_library("c") is None)


def test_names_in_text_are_read_and_written_as_ever() -> None:
    code = r"""
from cryptography.x509 import Name
name = Name.from_rfc4514_string(r"CN=a\, b,O=\C3\BC+2.5.4.5=#0C0131")
print(name.rfc4514_string() == Name.from_rfc4514_string(name.rfc4514_string()).rfc4514_string())
print([attribute.value for attribute in name])
"""
    assert run(code).splitlines() == ["True", str([attribute.value for attribute in NAME])]


def test_a_mail_address_is_told_from_what_is_none() -> None:
    code = """
import sys
from cryptography.x509 import RFC822Name
print("email.utils" in sys.modules, RFC822Name("somebody@example.org").value)
try:
    RFC822Name("Somebody <somebody@example.org>")
except ValueError as error:
    print(error)
"""
    first, second = run(code).splitlines()
    assert first == "False somebody@example.org"
    assert "Invalid rfc822name" in second


def test_the_addresses_of_this_machine_are_found() -> None:
    code = "import ifaddr; print(any(ip.ip == '127.0.0.1' for one in ifaddr.get_adapters() for ip in one.ips))"
    assert run(code) == "True"


def test_what_an_offer_needs_is_imported_without_another_process() -> None:
    listen = """
import sys
started = []
sys.addaudithook(lambda event, what: started.append(what) if event in ("subprocess.Popen", "os.system") else None)
"""
    code = f"{listen}{PREPARE}import {', '.join(PRELOADED)}; print(started)"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True, timeout=60).strip() == "[]"
