"""When a peer counts as lost."""

from __future__ import annotations

from sidecar.webrtc.liveness import DISCONNECTED_AFTER, FAILED_AFTER, TICK, Liveness


def looks(liveness: Liveness, seconds: float) -> str:
    verdict = ""
    for _ in range(round(seconds / TICK)):
        verdict = liveness.look()
    return verdict


def test_a_short_silence_is_nothing() -> None:
    assert looks(Liveness(), DISCONNECTED_AFTER) == "connected"


def test_a_longer_silence_is_a_disconnection() -> None:
    assert looks(Liveness(), DISCONNECTED_AFTER + TICK) == "disconnected"
    assert looks(Liveness(), FAILED_AFTER) == "disconnected"


def test_a_long_silence_is_a_failure() -> None:
    assert looks(Liveness(), FAILED_AFTER + TICK) == "failed"


def test_a_sign_of_life_ends_the_silence() -> None:
    liveness = Liveness()
    assert looks(liveness, FAILED_AFTER) == "disconnected"
    liveness.heard()
    assert looks(liveness, DISCONNECTED_AFTER) == "connected"
