"""The thresholds and times by which the quality of a connection is judged."""

from __future__ import annotations

from typing import Final, NamedTuple

from sidecar.contract.types import QualityLevel

LEVELS: Final[tuple[QualityLevel, ...]] = ("good", "fair", "poor")


class Threshold(NamedTuple):
    """The values from which a figure is fair, and from which it is poor."""

    fair: float
    poor: float

    def level_of_rising(self, value: float) -> QualityLevel:
        """Return the level of a figure that is worse the higher it is."""
        return LEVELS[(value >= self.fair) + (value >= self.poor)]

    def level_of_falling(self, value: float) -> QualityLevel:
        """Return the level of a figure that is worse the lower it is."""
        return LEVELS[(value < self.fair) + (value < self.poor)]


class QualityPolicy(NamedTuple):
    """When the quality of a connection is good, fair or poor."""

    sample_interval: float = 0.5
    """Seconds between two samples of the counters."""

    window: float = 4.0
    """Seconds over which the counters are compared."""

    shortest_window: float = 1.0
    """Seconds of counting before there is a judgement; over less, a single picture changes it."""

    worse_after: float = 1.0
    better_after: float = 3.0
    """Seconds for which a worse, or a better, level must hold before it is reported: the level shall not flicker."""

    forgotten_after: float = 10.0
    """Seconds without a sample after which earlier samples, and the reported level, no longer count."""

    encoder_busy: Threshold = Threshold(0.05, 0.25)
    """Share of the captured pictures that were dropped because the encoder was busy."""

    encoding_time: Threshold = Threshold(0.9, 2.0)
    """Median encoding time of a picture, in frame intervals."""

    loss: Threshold = Threshold(0.03, 0.10)
    """Share of lost packets. A few are retransmitted in time; with a tenth, the picture freezes for moments."""

    round_trip_ms: Threshold = Threshold(150.0, 400.0)
    """Milliseconds; half of the round trip is added to the latency, and people notice a lag from about 75 ms on."""

    link: Threshold = Threshold(0.75, 0.4)
    """Link capacity, as a share of the bitrate that the picture's size needs."""

    used_bitrate: float = 0.7
    """Share of its target bitrate below which an encoding needs no more, at any link capacity."""

    viewer_drops: Threshold = Threshold(0.02, 0.20)
    """Share of the pictures that were not sent because the viewer's queue was full."""

    fewest_due: int = 3
    """The number of due pictures, at least, for the judgement that no picture was sent."""

    frame_rate: Threshold = Threshold(0.8, 0.5)
    """Captured pictures, as a share of the requested frame rate."""
