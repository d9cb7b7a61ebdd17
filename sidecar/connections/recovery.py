"""The plan for reaching a lost viewer again: the tries and their times. A pure calculation on the caller's clock."""

from __future__ import annotations

from typing import Literal, NamedTuple


class RecoveryPolicy(NamedTuple):
    """The number of tries and their times in seconds; the command line sets all but `shortest_try`.

    A page that answers no offer is closed: `answer_timeout` is short, because the connection holds a camera. A page
    that answers has lost its network, which may return.
    """

    tries: int = 10
    first_pause: float = 0.3
    longest_pause: float = 7.0
    answer_timeout: float = 10.0
    shortest_try: float = 1.0
    """The time that a try has before the next try replaces it, however short the pause: a busy user interface delays an
    answer, and connectivity checks are retransmitted after half a second."""

    def pause(self, number: int) -> float:
        """Return the seconds before try `number`, counted from 0."""
        # The exponent is bounded, because 2.0 ** number overflows; at 32 every longest pause is reached.
        return min(self.first_pause * 2.0 ** min(number, 32), self.longest_pause)

    def duration(self, number: int) -> float:
        """Return the seconds from the beginning of try `number`, counted from 1, to the next."""
        return max(self.pause(number), self.shortest_try)


Step = Literal["wait", "restart", "replace", "give_up"]


class RecoveryPlan:
    """One recovery, from the loss of a viewer until it is back or given up.

    Tries alternate between an ICE restart of the existing peer and a fresh peer that replaces it. `reason` says why
    the viewer was given up.
    """

    def __init__(self, policy: RecoveryPolicy, now: float) -> None:
        self.reason: str | None = None
        self.due_at = now + policy.pause(0)
        self._policy = policy
        self._tries = 0
        self._next: Literal["restart", "replace"] = "restart"
        self._began_at = now
        self._unanswered_since: float | None = None

    def step(self, now: float) -> Step:
        """Return the step that is due now. A returned try counts as begun."""
        policy = self._policy
        if self._unanswered_since is not None and now - self._unanswered_since >= policy.answer_timeout:
            self.reason = (
                f"the viewer was lost, and renegotiation_offer was not answered within {policy.answer_timeout:g} s"
            )
            return "give_up"
        if now < self.due_at:
            return "wait"
        if self._tries >= policy.tries:
            self.reason = f"the viewer was lost, and {policy.tries} tries found no path to it"
            return "give_up"
        step, self._next = self._next, "replace" if self._next == "restart" else "restart"
        self._begin(now)
        if self._unanswered_since is None:
            self._unanswered_since = now
        return step

    def viewer_restarted_ice(self, now: float) -> None:
        """Count an ICE restart by the viewer as a try; the restart proves that the viewer can answer."""
        self._begin(now)
        self._next = "replace"
        self._unanswered_since = None

    def answered(self) -> None:
        """Record that the viewer has answered an offer."""
        self._unanswered_since = None

    def network_appeared(self, now: float) -> None:
        """Offer a restart on a new network: at once, or when the present try is older than the first pause."""
        self._next = "restart"
        earliest = now if self._tries == 0 else max(now, self._began_at + self._policy.first_pause)
        self.due_at = min(self.due_at, earliest)

    def _begin(self, now: float) -> None:
        self._tries += 1
        self._began_at = now
        self.due_at = now + self._policy.duration(self._tries)
