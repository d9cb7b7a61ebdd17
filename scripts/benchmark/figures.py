"""The figures with their targets, and the table of the results."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmark.load import MOST_STEAL, TRIES, Measured
from benchmark.sender import Subject

SUBJECTS: tuple[Subject, ...] = ("sidecar", "plain aiortc", "bare loop")


@dataclass(frozen=True)
class Figure:
    """A row of the table: title, unit, and the largest (`target`) or smallest (`least`) value to reach."""

    key: str
    title: str
    unit: str
    digits: int = 0
    target: float | None = None
    least: float | None = None

    @property
    def aim(self) -> str:
        """The target in words, empty when there is none."""
        if self.least is not None:
            return f"≥ {self.text(self.least)}"
        return "" if self.target is None else f"≤ {self.text(self.target)}"

    def is_met(self, value: float) -> bool:
        """Return whether a value reaches the target."""
        return value >= self.least if self.least is not None else self.target is None or value <= self.target

    def text(self, value: float) -> str:
        """A value in words."""
        return f"{value:.{self.digits}f} {self.unit}".rstrip()


FIGURES = (
    Figure("latency_p50", "capture to rendered, p50", "ms", target=16),
    Figure("latency_p95", "capture to rendered, p95", "ms", target=28),
    Figure("fps", "pictures rendered", "fps", digits=1),
    Figure("bitrate", "received", "Mbit/s", digits=2),
    Figure("cpu", "CPU of the process", "% of a core"),
    Figure("cpu_ratio", "CPU, as a multiple of the bare loop's", "", digits=2, target=1.25),
    Figure("chromium_p50", "local session, Chromium: capture to readable pixels, p50", "ms"),
    Figure("chromium_p95", "local session, Chromium: capture to readable pixels, p95", "ms"),
    Figure("chromium_ratio", "local session, Chromium: p50 as a multiple of WebRTC's", "", digits=2),
    Figure("chromium_fps", "local session, Chromium: pictures drawn", "fps", digits=1),
    Figure("webkitgtk_p50", "local session, WebKitGTK: capture to readable pixels, p50", "ms", target=35),
    Figure("webkitgtk_p95", "local session, WebKitGTK: capture to readable pixels, p95", "ms", target=60),
    Figure("webkitgtk_ratio", "local session, WebKitGTK: p50 as a multiple of WebRTC's in Chromium", "", digits=2),
    Figure("webkitgtk_fps", "local session, WebKitGTK: pictures drawn", "fps", digits=1),
    Figure("webkitgtk_track_p50", "640x480 track of that canvas, WebKitGTK: to readable pixels, p50", "ms", target=40),
    Figure("webkitgtk_track_p95", "640x480 track of that canvas, WebKitGTK: to readable pixels, p95", "ms"),
    Figure("webkitgtk_track_fps", "640x480 track of that canvas, WebKitGTK: shown", "fps", digits=1, least=28),
    Figure("first_frame_warm", "session start to first picture, camera warm", "ms", target=200),
    Figure("first_frame_cold", "session start to first picture, camera cold", "ms"),
    Figure("offer", "offer, no STUN server", "ms", digits=1),
    Figure("offer_silent_stun", "offer, a STUN server that never answers", "ms", digits=1, target=30),
    Figure("thin_freeze", "4 Mbit/s cut to 0.8: longest freeze", "ms", target=500),
    Figure("thin_settled", "4 Mbit/s cut to 0.8: settled after", "s", digits=1, target=3),
    Figure("thin_fps", "at 0.8 Mbit/s: pictures rendered", "fps", digits=1),
    Figure("thin_latency_p95", "at 0.8 Mbit/s: capture to rendered, p95", "ms"),
    Figure("wide_freeze", "back to 4 Mbit/s: longest freeze", "ms", target=500),
    Figure("wide_fps", "back to 4 Mbit/s: pictures rendered", "fps", digits=1),
    Figure("lossy_fps", "5 % loss, 50 ms ± 20 each way: pictures rendered", "fps", digits=1, least=27),
    Figure("lossy_decoded", "the same: pictures decoded", "fps", digits=1),
    Figure("lossy_freeze", "the same: longest freeze", "ms"),
    Figure("lossy_latency_p50", "the same: capture to rendered, p50", "ms"),
    Figure("lossy_latency_p95", "the same: capture to rendered, p95", "ms"),
)


@dataclass(frozen=True)
class Sample:
    """One figure of one subject, measured once; steal and others in percent of all processors' time."""

    figure: str
    subject: Subject
    value: float
    steal: float
    others: float
    noisy: bool


def samples(subject: Subject, found: Measured[dict[str, float]]) -> list[Sample]:
    """Return the samples of one measurement."""
    load = found.load
    return [Sample(key, subject, value, load.steal, load.others, found.noisy) for key, value in found.value.items()]


def ratio(figure: str, sample: Sample, reference: Sample) -> Sample:
    """Return a sample as a multiple of another one."""
    return Sample(
        figure,
        sample.subject,
        sample.value / reference.value,
        max(sample.steal, reference.steal),
        max(sample.others, reference.others),
        sample.noisy or reference.noisy,
    )


def table(taken: Sequence[Sample]) -> str:
    """Return a Markdown table of medians, with smallest and largest value in brackets for several samples."""
    rows = [["", *SUBJECTS, "target", "", "steal", "other load"]]
    rows += [row(figure, [s for s in taken if s.figure == figure.key]) for figure in FIGURES]
    rows = [cells for cells in rows if any(cells[1:4])]
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(rows[0]))]
    rows.insert(1, ["-" * width for width in widths])
    lines = ("| " + " | ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)) + " |" for cells in rows)
    note = f"Noisy: more than {MOST_STEAL:g} % of the time stolen, {TRIES} times in a row." * any(
        s.noisy for s in taken
    )
    return "\n".join([*lines, *filter(None, ["", note])])


def row(figure: Figure, taken: Sequence[Sample]) -> list[str]:
    """Return the cells of one figure; cells without a sample are empty."""
    values = {subject: [s.value for s in taken if s.subject == subject] for subject in SUBJECTS}
    verdict = ""
    if figure.aim and values["sidecar"]:
        verdict = "met" if figure.is_met(statistics.median(values["sidecar"])) else "not met"
    return [
        figure.title,
        *(cell(figure, values[subject]) for subject in SUBJECTS),
        figure.aim,
        verdict,
        at_most(s.steal for s in taken) + " noisy" * any(s.noisy for s in taken),
        at_most(s.others for s in taken),
    ]


def cell(figure: Figure, values: Sequence[float]) -> str:
    """Return the median, with the range for several values."""
    if not values:
        return ""
    middle = figure.text(statistics.median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.{figure.digits}f}–{max(values):.{figure.digits}f})"


def at_most(percents: Iterable[float]) -> str:
    """Return the largest value in whole percent."""
    largest = max(percents, default=None)
    return "" if largest is None else f"{largest:.0f} %"
