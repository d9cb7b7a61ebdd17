"""The networks of this machine."""

from __future__ import annotations

from pathlib import Path

from sidecar.webrtc.ice.networks import networks


def interface(folder: Path, name: str, state: str) -> None:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "operstate").write_text(f"{state}\n", "ascii")


def test_a_new_address_is_a_new_network() -> None:
    before = networks(lambda: [("10.0.0.1", 1)])
    assert networks(lambda: [("10.0.0.2", 1)]) - before == {"10.0.0.2"}


def test_a_cable_that_is_plugged_in_again_is_a_new_network(tmp_path: Path) -> None:
    interface(tmp_path, "lo", "unknown")
    interface(tmp_path, "eth0", "down")
    before = networks(interfaces=tmp_path)
    assert "lo" in before
    interface(tmp_path, "eth0", "up")
    assert networks(interfaces=tmp_path) - before == {"eth0"}


def test_a_system_that_shows_no_interfaces_has_addresses(tmp_path: Path) -> None:
    assert "127.0.0.1" in networks(interfaces=tmp_path / "none")


def test_a_system_that_does_not_answer_has_no_networks() -> None:
    def fails() -> list[tuple[str, int]]:
        raise OSError("no descriptor is left")

    assert networks(fails) == frozenset()
