"""The growth of the sidecar's work for an input, with a ping behind it, over the input's length.

Work is processor time on Linux, which other programs hardly change, and the time until the answers elsewhere.
"""

from __future__ import annotations

import json
from itertools import pairwise

from fuzzing.growing import CONNECTION, Growing, request
from fuzzing.session import FuzzedSidecar, FuzzError

FACTOR = 8
"""The ratio of the lengths of two successive inputs; the last one has the longest allowed length."""

STEPS = 3
MOST_GROWTH = 24.0
"""The largest allowed ratio of two successive times: between linear (8) and quadratic (64) work, with other load."""

SHORTEST = 0.005
"""The shortest time in seconds that counts; shorter times measure the system's pipes and scheduler."""

ROUNDS = 3
"""Measurements of which the quickest counts: other programs and the garbage collector only add to the others."""

PING = json.dumps(request("ping", {}, "ping")).encode() + b"\n"


def growth(sidecar: FuzzedSidecar, growing: Growing) -> float:
    """Return the largest ratio of the times for an input and for an input of an eighth of its length.

    Raises FuzzError when the ratio exceeds MOST_GROWTH, and for a wrong answer.
    """
    sizes = [growing.longest // FACTOR**step for step in reversed(range(STEPS))]
    worst, before = 0.0, _seconds(sidecar, growing, sizes[0])
    for shorter, size in pairwise(sizes):
        now = _seconds(sidecar, growing, size)
        ratio = now / max(before, SHORTEST)
        if ratio > MOST_GROWTH:
            raise FuzzError(f"{growing.name}: {size} bytes take {ratio:.0f} times as long as {shorter}, {now:.2f} s")
        worst, before = max(worst, ratio), now
    return worst


def _seconds(sidecar: FuzzedSidecar, growing: Growing, size: int) -> float:
    line = growing.make(size)
    return min(_once(sidecar, growing, line) for _ in range(ROUNDS))


def _once(sidecar: FuzzedSidecar, growing: Growing, line: bytes) -> float:
    if growing.role is not None:
        method = "create_offer" if growing.role == "answer" else "create_peer_connection"
        line = line.replace(CONNECTION.encode(), sidecar.call(method)["connection_id"].encode())
    sidecar.exchange(line + PING)
    seconds = sidecar.seconds
    opened = [request("close_connection", [one["connection_id"]]) for one in sidecar.call("get_stats")["connections"]]
    sidecar.exchange(b"".join(json.dumps(one).encode() + b"\n" for one in opened))
    return seconds
