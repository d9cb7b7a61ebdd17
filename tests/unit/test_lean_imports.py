from __future__ import annotations

import inspect
import subprocess
import sys

import aioice.mdns
import aiortc.rtp
import pytest

from sidecar.lean_imports import _MdnsOnDemand
from tests.support.sidecar_process import ROOT

PREPARE = "from sidecar import lean_imports; lean_imports.prepare()\n"


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
    code = "import av; from sidecar import lean_imports; before = av; "
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


def test_aiortc_names_the_stand_in_only_as_a_type() -> None:
    lines = [line for line in inspect.getsource(aiortc.rtp).splitlines() if "AudioFrame" in line]
    assert lines == ["from av import AudioFrame", "def compute_audio_level_dbov(frame: AudioFrame) -> int:"]
