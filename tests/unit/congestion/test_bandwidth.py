"""From receiver estimates and loss to one bitrate."""

from __future__ import annotations

import pytest

from sidecar.congestion.bandwidth import COLLAPSE_MEMORY, BandwidthEstimator
from sidecar.congestion.receiver_estimate import ESTIMATE_LIFETIME, RECOVERY_AFTER
from sidecar.congestion.round_trips import MAX_IN_VAIN
from sidecar.contract.limits import MIN_BITRATE
from tests.support.clock import Clock

RECOVERY_SECONDS = int(RECOVERY_AFTER) - 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def estimator(clock: Clock) -> BandwidthEstimator:
    estimator = BandwidthEstimator(clock())
    estimator.encoder_target = 2_500_000
    return estimator


def test_no_news_is_no_limit(estimator: BandwidthEstimator, clock: Clock) -> None:
    assert estimator.estimate is None
    estimator.on_loss(0.0, sent=2_500_000, now=clock())
    assert estimator.estimate is None


def test_an_estimate_above_the_target_lets_the_encoder_rise(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_receiver_estimate(3_750_000, sent=2_500_000, now=clock())
    assert estimator.estimate == 3_750_000


def test_a_still_picture_is_no_narrow_network(estimator: BandwidthEstimator, clock: Clock) -> None:
    for estimate in (450_000, 460_000, 455_000):
        estimator.on_receiver_estimate(estimate, sent=300_000, now=clock())
    assert estimator.estimate is None
    assert estimator.receiver_estimate == 455_000


def test_a_first_estimate_below_what_is_sent_is_a_limit(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_receiver_estimate(850_000, sent=2_500_000, now=clock())
    assert estimator.estimate == 850_000


def test_an_estimate_that_falls_is_a_limit(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_receiver_estimate(3_000_000, sent=2_500_000, now=clock())
    estimator.on_receiver_estimate(1_200_000, sent=2_500_000, now=clock())
    assert estimator.estimate == 1_200_000


def test_after_a_limit_the_estimate_rises_with_the_receiver_s(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_receiver_estimate(1_000_000, sent=2_500_000, now=clock())
    for estimate in (1_080_000, 1_160_000):
        estimator.on_receiver_estimate(estimate, sent=1_000_000, now=clock())
    assert estimator.estimate == 1_160_000


def test_a_limit_that_is_not_used_up_rises_in_time(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_receiver_estimate(800_000, sent=2_500_000, now=clock())
    for _ in range(RECOVERY_SECONDS):
        clock.now += 1
        estimator.on_receiver_estimate(800_000, sent=500_000, now=clock())
    assert estimator.estimate == 800_000
    for _ in range(60):
        clock.now += 1
        estimator.on_receiver_estimate(800_000, sent=500_000, now=clock())
    assert estimator.estimate == 1_600_000


def test_a_receiver_that_stays_below_what_is_sent_is_a_limit(estimator: BandwidthEstimator, clock: Clock) -> None:
    for seconds in (0, 0.5, 0.5, 0.5):
        clock.now += seconds
        estimator.on_receiver_estimate(800_000, sent=850_000, now=clock())
    assert estimator.estimate is None
    for seconds in (0.5, 0.5, 0.5):
        clock.now += seconds
        estimator.on_receiver_estimate(800_000, sent=2_000_000, now=clock())
    assert estimator.estimate == 800_000


def test_a_receiver_that_follows_what_is_sent_is_no_limit(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_receiver_estimate(450_000, sent=300_000, now=clock())
    for number in range(1, 20):
        clock.now += 0.5
        estimator.on_receiver_estimate(450_000 + number * 15_000, sent=2_500_000, now=clock())
    assert estimator.estimate is None


def test_noise_does_not_lower_it(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_receiver_estimate(3_000_000, sent=2_500_000, now=clock())
    estimator.on_receiver_estimate(2_950_000, sent=2_500_000, now=clock())
    assert estimator.estimate == 3_000_000


def test_heavy_loss_lowers_the_rate_once_for_each_interval(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_loss(0.2, sent=2_500_000, now=clock())
    assert estimator.estimate == 2_250_000
    estimator.on_loss(0.2, sent=2_500_000, now=clock())
    assert estimator.estimate == 2_250_000
    clock.now += 1
    estimator.on_loss(0.2, sent=2_250_000, now=clock())
    assert estimator.estimate == 2_025_000


def test_some_loss_holds_the_rate_and_none_raises_it(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_loss(0.2, sent=1_000_000, now=clock())
    clock.now += 1
    estimator.on_loss(0.05, sent=900_000, now=clock())
    assert estimator.estimate == 900_000
    for _ in range(2):
        clock.now += 1
        estimator.on_loss(0.0, sent=900_000, now=clock())
    assert estimator.estimate == int(900_000 * 1.08 * 1.08)


def test_the_limit_from_loss_is_lifted_in_the_end(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_loss(0.5, sent=1_000_000, now=clock())
    for _ in range(60):
        clock.now += 1
        estimator.on_loss(0.0, sent=1_000_000, now=clock())
    assert estimator.estimate is None


def test_the_smaller_limit_counts(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_receiver_estimate(4_000_000, sent=2_500_000, now=clock())
    estimator.on_loss(1.0, sent=2_500_000, now=clock())
    assert estimator.estimate == 1_250_000


def test_it_never_goes_below_what_a_picture_needs(estimator: BandwidthEstimator, clock: Clock) -> None:
    for _ in range(50):
        clock.now += 1
        estimator.on_loss(1.0, sent=60_000, now=clock())
    estimator.on_receiver_estimate(1, sent=60_000, now=clock())
    assert estimator.estimate == MIN_BITRATE


# -- thin links -------------------------------------------------------------------------------------------------------


def test_a_collapse_leaves_a_little_less_than_what_still_arrives(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_collapse(0.8, sent=4_000_000, now=clock())
    assert estimator.estimate == pytest.approx(0.85 * 800_000, rel=0.01)


def test_a_collapse_never_raises_the_rate(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_receiver_estimate(300_000, sent=2_500_000, now=clock())
    estimator.on_collapse(0.5, sent=2_500_000, now=clock())
    assert estimator.estimate == 300_000


def test_the_report_of_the_loss_that_a_collapse_was_seen_by_does_not_count_again(
    estimator: BandwidthEstimator, clock: Clock
) -> None:
    estimator.on_collapse(0.8, sent=4_000_000, now=clock())
    before = estimator.estimate
    clock.now += 1.0
    estimator.on_loss(0.7, sent=2_000_000, now=clock())
    assert estimator.estimate == before
    clock.now += COLLAPSE_MEMORY
    estimator.on_loss(0.7, sent=600_000, now=clock())
    assert (estimator.estimate or 0) < (before or 0)


def test_what_the_receiver_has_measured_is_soon_reached_again(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_receiver_estimate(3_000_000, sent=2_500_000, now=clock())
    estimator.on_collapse(0.95, sent=2_500_000, now=clock())
    for _ in range(10):
        estimator.on_receiver_estimate(780_000, sent=2_500_000, now=clock())
        clock.now += 1
        estimator.on_loss(0.0, sent=300_000, now=clock())
    assert (estimator.estimate or 0) > 0.7 * 780_000


def test_a_queue_lowers_the_rate_of_a_viewer_that_gives_no_estimate(
    estimator: BandwidthEstimator, clock: Clock
) -> None:
    for round_trip_time in (0.05, 0.06, 0.05, 0.4):
        clock.now += 1
        estimator.on_round_trip_time(round_trip_time, sent=2_500_000, now=clock())
    assert estimator.estimate == int(0.85 * 2_500_000)


def test_a_queue_that_drains_lowers_it_no_further(estimator: BandwidthEstimator, clock: Clock) -> None:
    for round_trip_time in (0.05, 0.5, 0.25):
        clock.now += 1
        estimator.on_round_trip_time(round_trip_time, sent=2_500_000, now=clock())
    assert estimator.estimate == int(0.85 * 2_500_000)


def test_a_long_path_is_no_queue(estimator: BandwidthEstimator, clock: Clock) -> None:
    for round_trip_time in (0.4, 0.41, 0.39, 0.43):
        clock.now += 1
        estimator.on_round_trip_time(round_trip_time, sent=2_500_000, now=clock())
    assert estimator.estimate is None


def test_a_round_trip_that_stays_longer_counts_as_the_path_s_own_after_a_while(
    estimator: BandwidthEstimator, clock: Clock
) -> None:
    for round_trip_time in [0.05] + [0.4] * 80:
        clock.now += 1
        estimator.on_round_trip_time(round_trip_time, sent=estimator.estimate or 2_500_000, now=clock())
    assert estimator.estimate == pytest.approx(0.85**MAX_IN_VAIN * 2_500_000, rel=0.01)


def test_a_receiver_that_gives_estimates_is_trusted_about_queues(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_receiver_estimate(3_000_000, sent=2_500_000, now=clock())
    for round_trip_time in (0.05, 0.4):
        clock.now += 1
        estimator.on_round_trip_time(round_trip_time, sent=2_500_000, now=clock())
    assert estimator.estimate == 3_000_000


def test_some_loss_without_a_queue_does_not_hold_the_rate_down_for_ever(
    estimator: BandwidthEstimator, clock: Clock
) -> None:
    estimator.on_loss(0.2, sent=1_000_000, now=clock())
    low = estimator.estimate
    for _ in range(20):
        clock.now += 1
        estimator.on_round_trip_time(0.1, sent=1_000_000, now=clock())
        estimator.on_loss(0.05, sent=1_000_000, now=clock())
    assert (estimator.estimate or 0) > 1.5 * (low or 0)


def test_a_path_that_is_longer_after_an_interruption_is_no_queue(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_round_trip_time(0.02, sent=2_500_000, now=clock())
    estimator.forget_path()
    estimator.on_round_trip_time(0.4, sent=2_500_000, now=clock())
    assert estimator.estimate is None


def test_an_estimate_that_is_not_repeated_becomes_a_limit_that_rises(
    estimator: BandwidthEstimator, clock: Clock
) -> None:
    estimator.on_receiver_estimate(800_000, sent=2_500_000, now=clock())
    clock.now += ESTIMATE_LIFETIME
    estimator.on_loss(0.05, sent=800_000, now=clock())
    assert estimator.estimate == 800_000
    for _ in range(5):
        clock.now += 1
        estimator.on_loss(0.0, sent=800_000, now=clock())
    assert estimator.receiver_estimate is None
    assert estimator.estimate == pytest.approx(800_000 * 1.08**5, rel=0.01)


def test_after_a_collapse_an_old_estimate_is_no_reason_to_hurry(estimator: BandwidthEstimator, clock: Clock) -> None:
    estimator.on_receiver_estimate(2_000_000, sent=2_500_000, now=clock())
    clock.now += ESTIMATE_LIFETIME + 1
    estimator.on_collapse(0.8, sent=2_000_000, now=clock())
    before = estimator.estimate or 0
    for _ in range(4):
        clock.now += 1
        estimator.on_loss(0.0, sent=300_000, now=clock())
    assert (estimator.estimate or 0) <= before * 1.08**4
