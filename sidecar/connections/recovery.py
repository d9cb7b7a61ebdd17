"""How a viewer that was lost is looked for: what is tried, when, and until when. Pure calculation; nobody's clock."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

MIN_TRY: Final = 1.0
"""Seconds a try has before the next one replaces it, however short the pause: an answer comes through a user interface
that is busy, and checks are sent again after half a second."""


class RecoveryPolicy(NamedTuple):
    """Seconds, and how many tries; the command line sets them.

    A viewer whose frontend answers no offer at all is gone: `answer_timeout` is short, because it holds a camera.
    One that answers has a network that may come back.
    """

    tries: int = 10
    first_pause: float = 0.3
    longest_pause: float = 7.0
    answer_timeout: float = 10.0

    def pause(self, number: int) -> float:
        """Before try `number`, counted from 0."""
        # The exponent is bounded: what it gives is beyond every longest pause.
        return min(self.first_pause * 2.0 ** min(number, 32), self.longest_pause)

    @property
    def bound(self) -> float:
        """From the loss of a viewer to its end, at the longest."""
        return self.pause(0) + sum(max(self.pause(number + 1), MIN_TRY) for number in range(self.tries))


Step = Literal["wait", "restart", "replace", "give_up"]


class RecoveryPlan:
    """One recovery: from the loss of a viewer until it is back or given up.

    Tries alternate: an ICE restart of the peer that there is, then a fresh peer in its place. `reason` says why it was
    given up.
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
        """What is to be done now. A try that is named here counts as begun."""
        policy = self._policy
        if self._unanswered_since is not None and now - self._unanswered_since >= policy.answer_timeout:
            self.reason = (
                f"the viewer was lost, and nobody answered renegotiation_offer within {policy.answer_timeout:g} s"
            )
            return "give_up"
        if now < self.due_at:
            return "wait"
        if self._tries >= policy.tries:
            self.reason = f"the viewer was lost, and {policy.tries} tries found no way to it"
            return "give_up"
        step, self._next = self._next, "replace" if self._next == "restart" else "restart"
        self._begin(now)
        if self._unanswered_since is None:
            self._unanswered_since = now
        return step

    def viewer_began(self, now: float) -> None:
        """The viewer's side has begun a restart of its own; it counts as a try, and is there to answer."""
        self._begin(now)
        self._next = "replace"
        self._unanswered_since = None

    def answered(self) -> None:
        """The viewer's side answered."""
        self._unanswered_since = None

    def network_came(self, now: float) -> None:
        """A network that was not there came: restart at once, or as soon as the try under way has had its time."""
        self._next = "restart"
        earliest = now if self._tries == 0 else max(now, self._began_at + self._policy.first_pause)
        self.due_at = min(self.due_at, earliest)

    def _begin(self, now: float) -> None:
        self._tries += 1
        self._began_at = now
        self.due_at = now + max(self._policy.pause(self._tries), MIN_TRY)
