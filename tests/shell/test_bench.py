"""scripts/bench.py measures a local session in the app."""

from __future__ import annotations

import pytest
from benchmark.local import in_webkitgtk, track_in_webkitgtk, why_no_webkitgtk

pytestmark = pytest.mark.timeout(180)


@pytest.mark.usefixtures("app")
async def test_the_bench_measures_a_local_session_in_webkitgtk() -> None:
    assert why_no_webkitgtk() is None
    figures = await in_webkitgtk(seconds=1.0, warm_up_frames=5)
    assert figures.keys() == {"webkitgtk_p50", "webkitgtk_p95", "webkitgtk_fps"}
    assert all(value > 0 for value in figures.values())


@pytest.mark.usefixtures("app")
async def test_the_bench_measures_a_track_of_the_local_session_in_webkitgtk() -> None:
    figures = await track_in_webkitgtk(seconds=1.0, warm_up_frames=5)
    assert figures.keys() == {"webkitgtk_track_p50", "webkitgtk_track_p95", "webkitgtk_track_fps"}
    assert all(value > 0 for value in figures.values())
