"""The tries to reach a lost viewer, on the test's clock."""

from __future__ import annotations

import pytest

from sidecar.connections.recovery import RecoveryPlan, RecoveryPolicy
from tests.support.recovery_time import longest_recovery

PATIENT = RecoveryPolicy(answer_timeout=3600.0)
LATE = 100.0
"""The time of the loss."""


def tries(plan: RecoveryPlan, until: float, answers: bool = False) -> list[tuple[float, str]]:
    """Return the steps and their times in seconds after the loss, asked for every tenth of a second."""
    done = []
    for tenth in range(round(until * 10) + 1):
        step = plan.step(LATE + tenth / 10 + 1e-6)
        if step != "wait":
            done.append((tenth / 10, str(step)))
        if step == "give_up":
            break
        if answers:
            plan.answered()
    return done


def test_pauses_double_up_to_the_longest() -> None:
    policy = RecoveryPolicy()
    assert [policy.pause(number) for number in range(7)] == pytest.approx([0.3, 0.6, 1.2, 2.4, 4.8, 7.0, 7.0])
    assert policy.pause(10**6) == 7.0


def test_the_first_try_comes_after_the_first_pause() -> None:
    plan = RecoveryPlan(RecoveryPolicy(), LATE)
    assert plan.step(LATE + 0.29) == "wait"
    assert plan.step(LATE + 0.31) == "restart"
    assert plan.step(LATE + 0.32) == "wait"


def test_a_restart_is_tried_first_and_a_fresh_peer_second_and_so_on() -> None:
    assert tries(RecoveryPlan(PATIENT, LATE), until=12.0) == [
        (0.3, "restart"),
        (1.3, "replace"),
        (2.5, "restart"),
        (4.9, "replace"),
        (9.7, "restart"),
    ]


def test_a_try_has_its_time_however_short_the_pause() -> None:
    plan = RecoveryPlan(RecoveryPolicy(first_pause=0.1, longest_pause=0.1), LATE)
    assert tries(plan, until=2.5) == [
        (0.1, "restart"),
        (0.1 + RecoveryPolicy().shortest_try, "replace"),
        (0.1 + 2 * RecoveryPolicy().shortest_try, "restart"),
    ]


def test_a_viewer_that_is_not_reached_is_given_up_after_the_last_try_within_the_bound() -> None:
    plan = RecoveryPlan(RecoveryPolicy(), LATE)
    *done, (at, last) = tries(plan, until=1000.0, answers=True)
    assert (len(done), last) == (10, "give_up")
    assert at == pytest.approx(longest_recovery(RecoveryPolicy()), abs=2.0)  # each step is asked for a little late
    assert plan.reason == "the viewer was lost, and 10 tries found no path to it"


def test_a_viewer_without_answers_is_given_up_early() -> None:
    plan = RecoveryPlan(RecoveryPolicy(), LATE)
    assert tries(plan, until=100.0)[-1] == (10.3, "give_up")
    assert "renegotiation_offer was not answered within 10 s" in (plan.reason or "")


def test_silence_counts_from_the_first_offer_after_the_last_answer() -> None:
    plan = RecoveryPlan(RecoveryPolicy(answer_timeout=3.0), LATE)
    assert plan.step(LATE + 0.3) == "restart"
    plan.answered()
    assert plan.step(LATE + 1.3) == "replace"
    assert plan.step(LATE + 4.2) != "give_up"
    assert plan.step(LATE + 4.3) == "give_up"


def test_without_tries_a_lost_viewer_is_given_up_at_once() -> None:
    assert RecoveryPlan(RecoveryPolicy(tries=0, first_pause=0.1), LATE).step(LATE + 0.1) == "give_up"


def test_a_network_that_comes_is_tried_at_once_by_a_restart() -> None:
    plan = RecoveryPlan(PATIENT, LATE)
    assert tries(plan, until=6.0)[-1] == (4.9, "replace")
    plan.network_appeared(LATE + 6.0)
    assert plan.step(LATE + 6.0) == "restart"
    assert plan.step(LATE + 6.1) == "wait"


def test_a_network_that_comes_and_goes_leaves_a_pause_between_tries() -> None:
    plan = RecoveryPlan(PATIENT, LATE)
    plan.network_appeared(LATE)
    assert plan.step(LATE) == "restart"
    plan.network_appeared(LATE + 0.1)
    assert plan.step(LATE + 0.1) == "wait"
    assert plan.step(LATE + 0.3) == "restart"


def test_a_restart_by_the_viewer_is_a_try_and_has_its_time() -> None:
    plan = RecoveryPlan(PATIENT, LATE)
    plan.viewer_restarted_ice(LATE + 0.2)
    assert plan.step(LATE + 1.1) == "wait"
    assert plan.step(LATE + 1.2) == "replace"
