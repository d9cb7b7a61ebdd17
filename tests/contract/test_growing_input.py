"""The time for an input, and for a ping behind it, grows no faster than the input in the running program."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fuzzing.growing import SOURCES, Growing, growing_inputs
from fuzzing.growth import MOST_GROWTH, growth
from fuzzing.session import FuzzedSidecar

from tests.support.sidecar_process import sidecar_command


@pytest.fixture(scope="module")
def sidecar(sidecar_program: str | None) -> Iterator[FuzzedSidecar]:
    options = [option for source in SOURCES for option in ("--allow-source", source)]
    with FuzzedSidecar(sidecar_command(sidecar_program, *options)) as process:
        process.call("get_stats")
        yield process


@pytest.mark.once
@pytest.mark.parametrize("growing", growing_inputs(), ids=lambda growing: growing.name)
def test_the_time_for_an_answer_grows_no_faster_than(sidecar: FuzzedSidecar, growing: Growing) -> None:
    assert growth(sidecar, growing) <= MOST_GROWTH


def test_twenty_lines_of_eight_mebibytes_cost_no_more_memory_than_a_few(sidecar: FuzzedSidecar) -> None:
    line = next(one for one in growing_inputs() if one.name == "a line with unknown parameters").make(8 * 2**20)
    for _ in range(3):
        sidecar.exchange(line)
    before = sidecar.peak_bytes()
    for _ in range(20):
        sidecar.exchange(line)
    assert sidecar.peak_bytes() < before + 2 * len(line)
