"""The longest recovery of a lost viewer that a policy allows."""

from __future__ import annotations

from sidecar.connections.recovery import RecoveryPolicy


def longest_recovery(policy: RecoveryPolicy) -> float:
    """Return the longest time from the loss of a viewer to the end of its recovery, in seconds."""
    return policy.pause(0) + sum(policy.duration(number) for number in range(1, policy.tries + 1))
