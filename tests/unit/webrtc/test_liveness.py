"""When a peer counts as lost."""

from __future__ import annotations

from sidecar.webrtc.liveness import LOST_AFTER, TICK, Liveness


def looks(liveness: Liveness, seconds: float) -> bool:
    verdict = True
    for _ in range(round(seconds / TICK)):
        verdict = liveness.look()
    return verdict


def test_a_short_silence_is_nothing() -> None:
    assert looks(Liveness(), LOST_AFTER)


def test_a_longer_silence_is_a_loss_within_three_seconds() -> None:
    assert LOST_AFTER + TICK <= 3.0
    assert not looks(Liveness(), LOST_AFTER + TICK)


def test_a_sign_of_life_ends_the_silence() -> None:
    liveness = Liveness()
    assert not looks(liveness, 10 * LOST_AFTER)
    liveness.heard()
    assert looks(liveness, LOST_AFTER)
