from __future__ import annotations

import pytest

from sidecar.contract.limits import MAX_BITRATE, MIN_BITRATE
from sidecar.encoding.rate_control import RateControl


def feed(rate: RateControl, achieved: float, fps: float, seconds: float) -> None:
    """Measure `seconds` of pictures with `achieved` times the setting, at an opening frame rate of 30."""
    for _ in range(round(seconds * fps)):
        rate.measured(round(achieved * rate.encoder_bitrate / 30), 1 / fps)


def test_an_encoder_that_meets_its_target_is_set_to_the_target() -> None:
    rate = RateControl(30, 2_000_000)
    feed(rate, 1.0, 30, 10)
    assert rate.encoder_bitrate == pytest.approx(2_000_000, rel=0.05)


def test_an_encoder_that_leaves_bits_unused_is_set_higher() -> None:
    rate = RateControl(30, 2_000_000)
    feed(rate, 0.8, 30, 10)
    assert 0.8 * rate.encoder_bitrate == pytest.approx(2_000_000, rel=0.06)


def test_a_still_picture_does_not_raise_the_bitrate_without_bound() -> None:
    rate = RateControl(30, 2_000_000)
    feed(rate, 0.01, 30, 30)
    assert rate.encoder_bitrate <= 1.3 * 2_000_000


@pytest.mark.parametrize("fps", [5, 15, 60])
def test_pictures_at_another_rate_get_their_share_of_a_second(fps: float) -> None:
    rate = RateControl(30, 1_000_000)
    feed(rate, 1.0, fps, 10)
    assert rate.encoder_bitrate * fps / 30 == pytest.approx(1_000_000, rel=0.06)


def test_a_pause_is_not_a_slow_camera() -> None:
    rate = RateControl(30, 1_000_000)
    feed(rate, 1.0, 30, 2)
    rate.measured(30_000, 60.0)
    assert rate.encoder_bitrate < 1_500_000


def test_a_new_target_is_set_at_once() -> None:
    rate = RateControl(30, 2_000_000)
    rate.target = 300_000
    assert rate.encoder_bitrate == 300_000
    rate.target = 1
    assert rate.target == MIN_BITRATE
    rate.target = 10**9
    assert rate.encoder_bitrate == MAX_BITRATE


def test_a_falling_target_is_not_exceeded_to_make_up_for_an_earlier_shortfall() -> None:
    rate = RateControl(30, 2_000_000)
    feed(rate, 0.8, 30, 10)
    rate.target = 600_000
    assert rate.encoder_bitrate == 600_000


def test_the_target_is_met_while_it_changes_constantly() -> None:
    rate = RateControl(30, 1_000_000)
    for number in range(40):
        rate.target = 1_000_000 + 10_000 * number
        feed(rate, 0.8, 30, 0.25)
    assert 0.8 * rate.encoder_bitrate == pytest.approx(rate.target, rel=0.06)


def test_an_excess_is_corrected_within_two_seconds() -> None:
    rate = RateControl(30, 1_000_000)
    feed(rate, 0.8, 30, 10)
    feed(rate, 1.0, 30, 2.1)
    assert rate.encoder_bitrate == pytest.approx(1_000_000, rel=0.06)


def test_small_changes_do_not_reconfigure_the_encoder() -> None:
    rate = RateControl(30, 2_000_000)
    told = set()
    for number in range(300):
        rate.measured(66_000, 1 / 30 + (0.003 if number % 2 else -0.003))
        told.add(rate.encoder_bitrate)
    assert len(told) <= 2
