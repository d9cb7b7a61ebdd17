"""Lean imports: the libraries do their work without the modules that are left out."""

from __future__ import annotations

import ast
import ctypes.util
import inspect
import re
import subprocess
import sys
from types import ModuleType

import aioice.mdns
import aiortc.rtcdtlstransport
import aiortc.rtp
import pytest
from cryptography.x509 import Name

from sidecar.commands.imports import PRELOADED
from sidecar.startup import lean_imports
from sidecar.startup.replacements import AIORTC, JSONRPCSERVER, REPLACEMENTS, TYPES, MdnsOnDemand
from sidecar.startup.replacing import DoesNotFitError, Replacement, import_bare, replaced, stand_in
from tests.support.sidecar_process import ROOT

NAME = Name.from_rfc4514_string(r"CN=a\, b,O=\C3\BC+2.5.4.5=#0C0131")
PREPARE = "import sys; sys.frozen = True; from sidecar.startup import lean_imports; lean_imports.prepare()\n"


def run(code: str) -> str:
    """Return the output of a new interpreter."""
    return subprocess.check_output([sys.executable, "-c", PREPARE + code], cwd=ROOT, text=True, timeout=60).strip()


def test_the_packages_that_others_stood_in_for_are_there_afterwards() -> None:
    code = """
import av, importlib.metadata
from av import AudioFrame, VideoFrame
print(AudioFrame.__module__, VideoFrame(16, 16).width, importlib.metadata.version("aiortc") != "")
"""
    assert run(code) == "av.audio.frame 16 True"


def test_packages_that_were_imported_before_stay_as_they_are() -> None:
    after = f"import av; before = av; {PREPARE}import av; print(av is before, av.AudioFrame.__name__)"
    found = subprocess.check_output([sys.executable, "-c", after], cwd=ROOT, text=True, timeout=60)
    assert found.strip() == "True AudioFrame"


def test_without_the_mark_of_a_frozen_program_no_library_is_imported_or_replaced() -> None:
    code = """
import dataclasses, sys
from sidecar.startup import lean_imports
before = set(sys.modules)
print(lean_imports.prepare(), sorted(set(sys.modules) - before), "exec" in vars(dataclasses))
"""
    found = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True, timeout=60)
    assert found.strip() == "[] [] False"


def test_a_missing_attribute_is_not_replaced() -> None:
    module = ModuleType("library")
    with pytest.raises(DoesNotFitError, match=r"library\.name"), replaced(module, "name", str):
        pass
    assert not hasattr(module, "name")


def test_an_attribute_that_is_not_callable_any_more_is_not_replaced() -> None:
    module = ModuleType("library")
    vars(module)["name"] = 1
    with pytest.raises(DoesNotFitError), replaced(module, "name", str):
        pass
    assert vars(module)["name"] == 1


@pytest.mark.parametrize("name", ["json", "no_such_library"])
def test_a_module_that_is_there_already_or_nowhere_has_no_stand_in(name: str) -> None:
    before = sys.modules.get(name)
    with pytest.raises(DoesNotFitError), stand_in(name):
        pass
    assert sys.modules.get(name) is before


@pytest.mark.parametrize("name", ["json.encoder", "no_such_library"])
def test_only_a_package_is_imported_bare(name: str) -> None:
    with pytest.raises(DoesNotFitError):
        import_bare(name)


def test_each_replacement_has_a_reason_and_a_name_of_its_own() -> None:
    names = [replacement.name for replacement in REPLACEMENTS]
    assert len(set(names)) == len(names)
    assert all(replacement.reason for replacement in REPLACEMENTS)


def test_a_replacement_that_raises_is_given_up_and_the_others_are_applied(caplog: pytest.LogCaptureFixture) -> None:
    applied: list[str] = []

    def fail() -> None:
        raise RuntimeError("changed")

    broken = Replacement("broken", "time", (), fail, fail)
    unfit = Replacement("unfit", "time", (), lambda: applied.append("unfit"), fail)
    good = Replacement("good", "time", (), lambda: applied.append("good"), lambda: None)
    given_up = lean_imports.apply([broken, unfit, good])
    assert [name for name, _ in given_up] == ["broken", "unfit"]
    assert applied == ["unfit", "good"]
    lean_imports.report(given_up)
    assert [record.message for record in caplog.records] == [
        f"lean import of {name} given up, the library is imported as it is: RuntimeError: changed"
        for name in ("broken", "unfit")
    ]


def test_the_modules_that_are_imported_are_all_that_the_program_takes() -> None:
    taken: dict[str, set[str]] = {"aiortc": set(), "jsonrpcserver": set()}
    for path in (ROOT / "sidecar").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            package, _, module = (
                (node.module or "").partition(".") if isinstance(node, ast.ImportFrom) else ("", "", "")
            )
            if package in taken:
                taken[package].add(module)
    assert taken == {"aiortc": set(AIORTC), "jsonrpcserver": set(JSONRPCSERVER)}


def test_regular_expressions_are_delayed_in_cryptography_alone() -> None:
    code = """
from sidecar.startup.replacements import PatternOnDemand
modules = [name for name, module in sys.modules.items()
           if any(isinstance(value, PatternOnDemand) for value in vars(module).values())]
print([name for name in modules if not name.startswith("cryptography.")])
"""
    assert run(code) == "[]"


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


def test_the_stand_in_for_mdns_has_no_names_that_the_library_lacks() -> None:
    assert run("from aioice import mdns; print(hasattr(mdns, 'nothing'), hasattr(mdns, '__path__'))") == "False False"


@pytest.mark.parametrize(
    "name", ["a.local", "4c1f-2.local", "a.b.local", "a.local.", ".local", "local", "a.LOCAL", "10.0.0.1", "a.local\n"]
)
def test_names_are_told_from_addresses_as_aioice_does(name: str) -> None:
    on_demand = MdnsOnDemand("aioice.mdns")
    assert on_demand.is_mdns_hostname(name) == aioice.mdns.is_mdns_hostname(name)


@pytest.mark.parametrize("names", TYPES.values(), ids=TYPES)
def test_aiortc_uses_the_replaced_classes_only_as_types(names: tuple[str, ...]) -> None:
    statistics = inspect.getsource(aiortc.rtcdtlstransport.RTCDtlsTransport._get_stats)  # the program never calls it
    source = inspect.getsource(aiortc.rtp) + inspect.getsource(aiortc.rtcdtlstransport).replace(statistics, "")
    for name in names:
        uses = [line.strip() for line in source.splitlines() if re.search(rf"\b{name}\b", line)]
        assert uses
        for use in uses:
            assert re.search(rf"import .*\b{name}\b|^{name},$|\w+: {name}\b", use)


def test_a_replaced_attribute_is_restored_after_the_import() -> None:
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


def test_a_mail_address_is_accepted_and_a_name_with_one_is_refused() -> None:
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


def test_the_imports_of_an_offer_start_no_process() -> None:
    listen = """
import sys
started = []
sys.addaudithook(lambda event, what: started.append(what) if event in ("subprocess.Popen", "os.system") else None)
"""
    code = f"{listen}{PREPARE}import {', '.join(PRELOADED)}; print(started)"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True, timeout=60).strip() == "[]"
