"""Which frames pass, and when a keyframe is requested."""

from __future__ import annotations

import pytest

from sidecar.webrtc.rtp.keyframe_gate import PATIENCE, KeyframeGate


@pytest.fixture
def reasons() -> list[str]:
    return []


@pytest.fixture
def gate(reasons: list[str]) -> KeyframeGate:
    return KeyframeGate(reasons.append, now=10.0)


def test_it_holds_frames_back_until_a_keyframe(gate: KeyframeGate) -> None:
    assert gate.holds(keyframe=False, now=10.0)
    assert not gate.holds(keyframe=True, now=10.0)
    gate.open()
    assert not gate.holds(keyframe=False, now=10.0)


def test_an_overdue_keyframe_is_requested_once(gate: KeyframeGate, reasons: list[str]) -> None:
    for _ in range(3):
        gate.holds(keyframe=False, now=10.0 + PATIENCE)
    assert reasons == ["no keyframe arrived"]


def test_a_request_starts_the_patience_anew(gate: KeyframeGate, reasons: list[str]) -> None:
    gate.request("new viewer", 11.0)
    gate.holds(keyframe=False, now=11.0 + 0.9 * PATIENCE)
    gate.expect(12.0)
    gate.holds(keyframe=False, now=12.0 + 0.9 * PATIENCE)
    assert reasons == ["new viewer"]


def test_an_overflow_lasts_until_the_gate_opens(gate: KeyframeGate) -> None:
    assert not gate.is_overflowing
    gate.close(is_overflowing=True)
    gate.close()
    assert gate.is_overflowing
    gate.open()
    gate.close()
    assert not gate.is_overflowing
