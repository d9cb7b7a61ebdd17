"""The quality of a connection, its cause, and its changes over time."""

from __future__ import annotations

from typing import Any

import pytest

from sidecar.contract.examples import STATS
from sidecar.contract.types import CameraStats, ConnectionStats, EncodingStats, Latency, Quality, Stats
from sidecar.statistics.evidence import Evidence, EvidenceWindow, FrameCounts
from sidecar.statistics.judgement import judge
from sidecar.statistics.policy import QualityPolicy, Threshold
from sidecar.statistics.quality import QualityMeter, SteadyQuality

POLICY = QualityPolicy()
EXAMPLE = Stats.model_validate(STATS)
FPS = EXAMPLE.cameras[0].wanted_fps
FINE = Evidence(4.0, FrameCounts(captured=120, left_out=0, encoder_busy=0, encoded=120, sent=120, dropped=0))
GOOD, FAIR = Quality(level="good"), Quality(level="fair", reason="network", hint="It is thin.")
POOR = Quality(level="poor", reason="cpu", hint="It is slow.")


def camera(**changes: Any) -> CameraStats:
    return EXAMPLE.cameras[0].model_copy(update=changes)


def connection(**changes: Any) -> ConnectionStats:
    return EXAMPLE.connections[0].model_copy(update=changes)


def word(quality: Quality | None) -> tuple[str, str | None] | None:
    return None if quality is None else (quality.level, quality.reason)


def judged_by(camera: CameraStats, connection: ConnectionStats, evidence: Evidence | None) -> Quality | None:
    return judge(camera, connection, evidence, POLICY)


def judged(recent: Evidence | None = FINE, **of_connection: Any) -> tuple[str, str | None] | None:
    return word(judged_by(camera(), connection(**of_connection), recent))


def counted(**frames: int) -> Evidence:
    return FINE._replace(frames=FINE.frames._replace(**frames))


def levels(limits: Threshold, step: float) -> list[tuple[float, str]]:
    """Return values around both limits with their levels; `step` is negative where lower is worse."""
    fair, poor = limits
    return [(fair - step, "good"), (fair + step, "fair"), (poor - step, "fair"), (poor + step, "poor")]


def test_a_connection_without_faults_is_good() -> None:
    assert judged_by(camera(), connection(), FINE) == Quality(level="good", reason=None, hint=None)


def test_no_connection_is_good_before_there_is_evidence() -> None:
    assert judged_by(camera(), connection(), None) is None
    assert judged_by(camera(), connection(fraction_lost=0.5), None) is not None, "a fault needs no evidence"


@pytest.mark.parametrize(
    ("frames", "transport", "found"),
    [
        ({"captured": 0, "encoded": 0}, "webrtc", ("poor", "camera")),
        ({"encoded": 0}, "webrtc", ("poor", "cpu")),
        ({"encoded": 0}, "local", ("poor", "cpu")),
        ({}, "webrtc", ("poor", "network")),
        ({}, "local", ("poor", "cpu")),
        ({"left_out": 118, "encoded": 2}, "webrtc", None),
    ],
)
def test_a_viewer_that_gets_no_pictures_is_never_good(
    frames: dict[str, int], transport: str, found: tuple[str, str] | None
) -> None:
    assert judged(counted(**frames, sent=0), transport=transport) == found


@pytest.mark.parametrize(("share", "level"), levels(POLICY.encoder_busy, 0.01))
def test_pictures_that_come_while_the_encoder_is_busy_are_the_processor_s(share: float, level: str) -> None:
    recent = Evidence(33.0, FINE.frames._replace(captured=1000, encoder_busy=round(1000 * share), sent=1000))
    assert judged(recent) == (level, "cpu" if level != "good" else None)


@pytest.mark.parametrize(("share", "level"), levels(POLICY.encoding_time, 0.01))
def test_so_is_an_encoding_that_takes_as_long_as_a_picture_lasts(share: float, level: str) -> None:
    slow = camera(encoding_ms=Latency(p50=1000 * share / FPS, p95=5000.0))
    assert word(judged_by(slow, connection(), FINE)) == (level, "cpu" if level != "good" else None)


@pytest.mark.parametrize(("loss", "level"), levels(POLICY.loss, 0.005))
def test_lost_packets_are_the_network_s(loss: float, level: str) -> None:
    assert judged(fraction_lost=loss) == (level, "network" if level != "good" else None)


@pytest.mark.parametrize(("milliseconds", "level"), levels(POLICY.round_trip_ms, 1.0))
def test_so_is_a_long_round_trip(milliseconds: float, level: str) -> None:
    assert judged(round_trip_time_ms=milliseconds) == (level, "network" if level != "good" else None)


@pytest.mark.parametrize(("share", "level"), levels(POLICY.link, -0.01))
def test_so_is_a_link_that_carries_less_than_the_picture_wants(share: float, level: str) -> None:
    link = round(camera().wanted_bitrate * share)
    assert judged(link_bitrate=link) == (level, "network" if level != "good" else None)


def test_a_still_picture_is_good_on_a_narrow_link() -> None:
    still = camera(bitrate=20_000, target_bitrate=100_000)
    assert word(judged_by(still, connection(link_bitrate=25_000), FINE)) == ("good", None)


def test_a_viewer_of_the_reduced_encoding_is_judged_by_that() -> None:
    full = camera(bitrate=20_000)
    reduced = EncodingStats.model_validate(
        camera().model_dump(include=set(EncodingStats.model_fields)) | {"bitrate": 250_000, "target_bitrate": 260_000}
    )
    narrow = {"encoding": "reduced", "link_bitrate": 300_000}
    assert word(judged_by(full.model_copy(update={"reduced": reduced}), connection(**narrow), FINE)) == (
        "poor",
        "network",
    )
    assert word(judged_by(full, connection(**narrow), FINE)) == ("good", None), "it is on its way to the full one"


def test_the_making_of_the_encoder_is_not_taken_for_an_encoding() -> None:
    first = camera(encoding_ms=Latency(p50=200.0, p95=200.0))
    assert judged_by(first, connection(), None) is None


@pytest.mark.parametrize(("share", "level"), levels(POLICY.viewer_drops, 0.005))
@pytest.mark.parametrize(("transport", "reason"), [("webrtc", "network"), ("local", "cpu")])
def test_pictures_that_a_viewer_does_not_take_are_the_network_s_or_its_own(
    share: float, level: str, transport: str, reason: str
) -> None:
    recent = counted(sent=round(1000 * (1 - share)), dropped=round(1000 * share))
    assert judged(recent, transport=transport) == (level, reason if level != "good" else None)


@pytest.mark.parametrize("state", ["disconnected", "reconnecting"])
def test_a_viewer_that_does_not_answer_has_a_poor_network_at_once(state: str) -> None:
    watch = Watch()
    watch.look(1.0)
    assert watch.look(1.0) == ("good", None)
    assert watch.look(1.0, state=state) == ("poor", "network")
    assert watch.look(1.0) is None, "and at once no word when it answers again"
    assert watch.look(1.0) == ("good", None)


def test_a_local_stream_has_no_network() -> None:
    assert judged(transport="local", round_trip_time_ms=5000.0, fraction_lost=1.0) == ("good", None)


@pytest.mark.parametrize(("share", "level"), levels(POLICY.frame_rate, -0.02))
def test_pictures_that_do_not_come_are_the_camera_s(share: float, level: str) -> None:
    assert judged(counted(captured=round(share * FPS * FINE.seconds))) == (level, "camera" if level != "good" else None)


@pytest.mark.parametrize("state", ["lost", "recovering", "failed"])
def test_a_camera_that_gives_none_is_poor_at_once(state: str) -> None:
    watch = Watch()
    watch.look(1.0)
    assert watch.look(1.0, camera_state=state) == ("poor", "camera")
    assert watch.look(1.0) is None, "and at once not when it gives them again"
    assert watch.look(1.0) == ("good", None)


def test_a_hint_says_how_many_pictures_the_camera_gives() -> None:
    found = judged_by(camera(), connection(), counted(captured=40))
    assert found is not None
    assert found.hint == "The camera gives 10 of 30 pictures a second. More light, or a smaller picture, may help."


def test_a_test_pattern_that_gives_few_shows_that_the_processor_is_busy() -> None:
    pattern = camera(device_id="test:pattern")
    assert word(judged_by(pattern, connection(), counted(captured=40))) == ("poor", "cpu")


def test_the_worst_counts_and_of_equals_the_processor() -> None:
    few = counted(captured=20, encoder_busy=0)
    assert word(judged_by(camera(), connection(fraction_lost=0.05), few)) == ("poor", "camera")
    busy = counted(captured=20, encoder_busy=10)
    assert word(judged_by(camera(), connection(fraction_lost=0.5), busy)) == ("poor", "cpu")


# -- time ---------------------------------------------------------------------------------------------------------


def test_the_first_word_is_said_at_once() -> None:
    assert SteadyQuality(POLICY).update(POOR, 100.0) == POOR


def test_worse_is_said_when_it_has_been_so_for_a_while() -> None:
    steady = SteadyQuality(POLICY)
    steady.update(GOOD, 0.0)
    assert steady.update(POOR, 1.0) == GOOD
    assert steady.update(POOR, 1.0 + POLICY.worse_after) == POOR


def test_better_is_said_later_than_worse() -> None:
    steady = SteadyQuality(POLICY)
    steady.update(POOR, 0.0)
    assert steady.update(GOOD, 1.0) == POOR
    assert steady.update(FAIR, 0.9 + POLICY.better_after) == POOR
    assert steady.update(GOOD, 1.0 + POLICY.better_after) == GOOD


def test_a_moment_in_between_begins_the_wait_anew() -> None:
    steady = SteadyQuality(POLICY)
    steady.update(POOR, 0.0)
    steady.update(GOOD, 1.0)
    steady.update(POOR, 2.0)
    assert steady.update(GOOD, 1.0 + POLICY.better_after) == POOR
    steady.update(FAIR, 2.0 + POLICY.better_after)
    assert steady.update(GOOD, 1.0 + 2 * POLICY.better_after) == GOOD


def test_a_change_from_better_to_worse_begins_the_wait_anew() -> None:
    steady = SteadyQuality(POLICY)
    steady.update(FAIR, 0.0)
    steady.update(GOOD, 1.0)
    assert steady.update(POOR, 1.5 + POLICY.worse_after) == FAIR


def test_another_reason_for_the_same_word_is_said_at_once() -> None:
    steady = SteadyQuality(POLICY)
    steady.update(POOR, 0.0)
    other = Quality(level="poor", reason="camera", hint="It is dark.")
    assert steady.update(other, 0.1) == other


def test_a_level_of_long_ago_does_not_count() -> None:
    steady = SteadyQuality(POLICY)
    steady.update(GOOD, 0.0)
    assert steady.update(POOR, POLICY.forgotten_after + 0.1) == POOR


class Watch:
    """A meter and the counters that it samples; by default, every picture is captured, encoded and sent."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.meter = QualityMeter(POLICY, clock=lambda: self.now)
        self.counts = dict.fromkeys(FrameCounts._fields, 0)

    def look(
        self,
        seconds: float,
        fps: float = FPS,
        camera_state: str = "streaming",
        wanted_fps: float = FPS,
        **of_connection: Any,
    ) -> tuple[str, str | None] | None:
        """Return the reported quality after `seconds` with `fps` pictures a second."""
        self.now += seconds
        self.counts["captured"] += round(fps * seconds)
        self.counts["sent"] += round(fps * seconds)
        self.counts["encoded"] += round(fps * seconds)
        counts = self.counts
        seen = camera(
            state=camera_state,
            format=camera().format.model_copy(update={"fps": wanted_fps}),
            wanted_fps=wanted_fps,
            frames_captured=counts["captured"],
            frames_encoded=counts["encoded"],
            frames_dropped=camera().frames_dropped.model_copy(update={"encoder_busy": counts["encoder_busy"]}),
        )
        sent = {"frames_sent": counts["sent"], "frames_dropped": counts["dropped"]}
        quality = self.meter.sample(seen, connection(**sent, **of_connection))
        return None if quality is None else word(quality)


@pytest.mark.parametrize("interval", [0.1, 1.0, 5.0])
def test_a_camera_that_slows_down_is_noticed_however_often_it_is_looked_at(interval: float) -> None:
    watch = Watch()
    watch.look(0.0)
    words = [watch.look(interval) for _ in range(int(6 / interval))]
    first = words.index(("good", None))
    assert words == [None] * first + [("good", None)] * (len(words) - first)
    assert (first + 1) * interval <= max(interval, 1.2)
    for _ in range(int((POLICY.window + POLICY.worse_after) / interval) + 2):
        last = watch.look(interval, fps=10)
    assert last == ("poor", "camera")


def test_the_past_is_forgotten_with_the_window() -> None:
    watch = Watch()
    for _ in range(10):
        watch.look(1.0, fps=10)
    for _ in range(int(POLICY.window + POLICY.better_after) + 1):
        last = watch.look(1.0)
    assert last == ("good", None)


def test_a_single_sample_reports_only_the_faults_of_the_moment() -> None:
    assert Watch().look(1.0, fps=1) is None
    assert Watch().look(1.0, fps=1, fraction_lost=0.5) == ("poor", "network")


def test_counters_that_begin_anew_are_no_change() -> None:
    watch = Watch()
    watch.look(1.0)
    watch.look(1.0)
    watch.counts = dict.fromkeys(FrameCounts._fields, 0)
    assert watch.look(1.0) is None
    assert watch.look(1.0) == ("good", None)


@pytest.mark.parametrize("state", ["new", "connecting", "failed", "closed"])
def test_there_is_no_quality_while_no_picture_is_shown(state: str) -> None:
    watch = Watch()
    watch.look(1.0, fraction_lost=0.5)
    assert watch.look(1.0, state=state) is None
    assert watch.look(1.0, state=state, camera_state="lost") is None
    assert watch.look(1.0, camera_state="opening") is None
    assert watch.look(1.0) is None, "and what was before does not count"
    assert watch.meter.sample(None, connection()) is None


def test_a_camera_that_was_lost_is_not_slow_when_it_is_back() -> None:
    watch = Watch()
    for _ in range(5):
        watch.look(1.0)
    assert watch.look(5.0, fps=0, camera_state="recovering") == ("poor", "camera")
    assert {watch.look(0.5) for _ in range(8)} == {None, ("good", None)}


def test_a_camera_whose_frame_rate_was_raised_is_not_slow_for_the_time_before() -> None:
    watch = Watch()
    for _ in range(5):
        assert watch.look(1.0, fps=10, wanted_fps=10) in (None, ("good", None))
    assert {watch.look(0.5, fps=30, wanted_fps=30) for _ in range(8)} <= {None, ("good", None)}


def test_the_number_of_samples_is_bounded() -> None:
    window = EvidenceWindow(POLICY)
    for number in range(1000):
        window.add(FrameCounts(*[number] * len(FrameCounts._fields)), 0.1 * number)
    assert 0 < len(window) <= POLICY.window / POLICY.sample_interval + 2


def test_another_policy_gives_another_judgement() -> None:
    patient = QualityPolicy(loss=Threshold(0.2, 0.5))
    assert word(judge(camera(), connection(fraction_lost=0.15), FINE, POLICY)) == ("poor", "network")
    assert word(judge(camera(), connection(fraction_lost=0.15), FINE, patient)) == ("good", None)
