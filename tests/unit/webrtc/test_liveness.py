"""When a peer counts as lost."""

from __future__ import annotations

from sidecar.webrtc.liveness import MAX_SILENT_POLLS, POLL_INTERVAL, Liveness


def look(liveness: Liveness, times: int) -> bool:
    """Return the result of the last look."""
    return [liveness.poll() for _ in range(times)][-1]


def test_a_short_silence_is_nothing() -> None:
    assert look(Liveness(), MAX_SILENT_POLLS)


def test_a_longer_silence_is_a_loss_within_three_seconds() -> None:
    assert (MAX_SILENT_POLLS + 1) * POLL_INTERVAL <= 3.0
    assert not look(Liveness(), MAX_SILENT_POLLS + 1)


def test_a_sign_of_life_ends_the_silence() -> None:
    liveness = Liveness()
    assert not look(liveness, 10 * MAX_SILENT_POLLS)
    liveness.heard()
    assert look(liveness, MAX_SILENT_POLLS)
