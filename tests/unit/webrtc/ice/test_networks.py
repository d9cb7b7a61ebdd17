"""Which networks there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.webrtc.ice import networks as module
from sidecar.webrtc.ice.networks import networks


def interface(folder: Path, name: str, state: str) -> None:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "operstate").write_text(f"{state}\n", "ascii")


def test_an_address_that_comes_is_a_network_that_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "host_addresses", lambda: [("10.0.0.1", 1)])
    before = networks()
    monkeypatch.setattr(module, "host_addresses", lambda: [("10.0.0.2", 1)])
    assert networks() - before == {"10.0.0.2"}


def test_a_cable_that_is_plugged_in_again_is_a_network_that_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "INTERFACES", tmp_path)
    interface(tmp_path, "lo", "unknown")
    interface(tmp_path, "eth0", "down")
    before = networks()
    assert "lo" in before
    interface(tmp_path, "eth0", "up")
    assert networks() - before == {"eth0"}


def test_a_system_that_tells_nothing_of_its_interfaces_has_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "INTERFACES", tmp_path / "none")
    assert "127.0.0.1" in networks()
