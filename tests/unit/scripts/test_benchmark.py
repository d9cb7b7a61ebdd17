"""The table of scripts/bench.py, and the repetition of measurements with stolen time."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator

import pytest
from bench import PARTS, parse
from benchmark.figures import Sample, ratio, samples, table
from benchmark.load import TRIES, Load, Measured, Meter, measured
from benchmark.sender import Subject


def sample(
    figure: str, value: float, subject: Subject = "sidecar", *, steal: float = 0.0, noisy: bool = False
) -> Sample:
    return Sample(figure, subject, value, steal, 0.0, noisy)


def rows(text: str) -> dict[str, list[str]]:
    """The cells of each row but the two at the top, by the figure's title."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return {row[0]: row[1:] for row in cells[2:]}


def stolen(*percents: float) -> Callable[[], Meter]:
    """A meter for each measurement, by which the host took these percents of its time."""
    left: Iterator[float] = iter(percents)

    class Stolen:
        def load(self) -> Load:
            return Load(next(left), 0.0)

    return Stolen


@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_measured_by_a_package_that_takes_its_command_line(part: str) -> None:
    assert importlib.util.find_spec(f"{PARTS[part]}.__main__") is not None
    assert parse(["--only", part, "--rounds", "2"]).only == part


class Counting:
    """A measurement that returns the number of its calls."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> int:
        self.times += 1
        return self.times


async def test_a_measurement_with_much_stolen_time_is_made_again() -> None:
    assert await measured(Counting(), stolen(30.0, 10.1, 10.0)) == Measured(3, Load(10.0, 0.0), noisy=False)


async def test_a_measurement_that_stays_disturbed_is_called_noisy() -> None:
    assert await measured(Counting(), stolen(*[50.0] * TRIES)) == Measured(TRIES, Load(50.0, 0.0), noisy=True)


def test_a_row_tells_the_median_the_range_and_whether_the_target_is_met() -> None:
    taken = [sample("latency_p50", value) for value in (19.0, 12.0, 16.0)]
    assert rows(table(taken))["capture to rendered, p50"][:5] == ["16 ms (12–19)", "", "", "≤ 16 ms", "met"]


def test_a_figure_that_shall_be_large_is_met_from_its_target_on() -> None:
    title = "5 % loss, 50 ms ± 20 each way: pictures rendered"
    assert rows(table([sample("lossy_fps", 28.0)]))[title][3:5] == ["≥ 27.0 fps", "met"]
    assert rows(table([sample("lossy_fps", 26.0)]))[title][4] == "not met"


def test_a_missed_target_is_told() -> None:
    assert rows(table([sample("latency_p95", 28.4)]))["capture to rendered, p95"][4] == "not met"


def test_only_the_sidecar_has_targets_to_meet() -> None:
    row = rows(table([sample("latency_p50", 10.0, "plain aiortc")]))["capture to rendered, p50"]
    assert row[:5] == ["", "10 ms", "", "≤ 16 ms", ""]


def test_figures_that_were_not_measured_have_no_row() -> None:
    assert list(rows(table([sample("offer", 3.0)]))) == ["offer, no STUN server"]


def test_a_noisy_figure_is_marked_and_explained() -> None:
    text = table([sample("fps", 30.0), sample("fps", 12.0, steal=42.0, noisy=True)])
    assert rows(text)["pictures rendered"][5] == "42 % noisy"
    assert text.splitlines()[-1].startswith("Noisy: more than 10 %")


def test_a_ratio_is_as_doubtful_as_the_worse_of_its_two_figures() -> None:
    found = ratio("cpu_ratio", sample("cpu", 25.0, steal=1.0), sample("cpu", 20.0, "bare loop", steal=60.0, noisy=True))
    assert found == Sample("cpu_ratio", "sidecar", 1.25, 60.0, 0.0, noisy=True)


def test_every_figure_of_a_measurement_carries_the_load_of_its_time() -> None:
    taken = samples("sidecar", Measured({"fps": 30.0, "cpu": 21.0}, Load(3.0, 7.0), noisy=False))
    assert [(s.figure, s.value, s.steal, s.others) for s in taken] == [("fps", 30.0, 3.0, 7.0), ("cpu", 21.0, 3.0, 7.0)]


@pytest.mark.parametrize("arguments", [["--rounds", "0"], ["--seconds", "-1"], ["--only", "everything"]])
def test_a_command_line_that_makes_no_sense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        parse(arguments)
