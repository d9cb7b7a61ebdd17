"""The figures from the pictures shown before, during and after an outage."""

from __future__ import annotations

import pytest
from outages.measuring import figures


def test_the_freeze_is_the_longest_gap_and_the_picture_is_back_at_its_end() -> None:
    before = [10.0 + frame / 30 for frame in range(31)]  # until 11.0
    after = [16.5 + frame / 30 for frame in range(31)]
    found = figures(before + after, {"disconnected": 14.0, "connected": 16.2}, began=11.0, ended=16.0, generation=1)
    assert found.longest_freeze == pytest.approx(5.5)
    assert found.noticed == pytest.approx(3.0)
    assert found.connected == pytest.approx(0.2)
    assert found.picture == pytest.approx(0.5)
    assert found.frames_lost == pytest.approx(165, abs=2)


def test_an_outage_that_nobody_noticed_has_no_states() -> None:
    times = [10.0 + frame / 30 for frame in range(60)]
    found = figures(times, {}, began=11.0, ended=11.5, generation=0)
    assert (found.noticed, found.connected) == (None, None)
    assert found.frames_lost <= 1
