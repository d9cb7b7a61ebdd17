from __future__ import annotations

import pytest

from sidecar.cameras.drivers import DriverHangsError
from sidecar.cameras.policy import RetryPolicy
from sidecar.cameras.retries import Retries
from sidecar.contract.errors import (
    CameraBusyError,
    CameraFailedError,
    CameraNotFoundError,
    CameraPermissionDeniedError,
    ContractError,
    EncoderFailedError,
    SourceNotAllowedError,
)

POLICY = RetryPolicy()


def test_the_first_try_is_at_once_and_the_others_wait_longer_and_longer() -> None:
    retries = Retries(POLICY)
    assert [retries.next_delay() for _ in range(7)] == [
        0.0,
        0.3,
        0.6,
        1.2,
        POLICY.longest_delay,
        POLICY.longest_delay,
        POLICY.longest_delay,
    ]


def test_a_camera_that_streamed_well_is_tried_at_once_again() -> None:
    retries = Retries(POLICY)
    for _ in range(5):
        retries.next_delay()
    retries.streamed(POLICY.steady)
    assert retries.next_delay() == 0.0


def test_a_camera_that_gives_one_picture_and_breaks_is_not_opened_without_pause() -> None:
    retries = Retries(POLICY)
    delays = []
    for _ in range(6):
        delays.append(retries.next_delay())
        retries.streamed(0.1)
    assert delays[-1] == POLICY.longest_delay


@pytest.mark.parametrize("error", [SourceNotAllowedError("x"), EncoderFailedError("x"), DriverHangsError("x")])
def test_permanent_errors_end_the_tries_at_once(error: ContractError) -> None:
    assert Retries(POLICY).is_over(error, now=0.0)


@pytest.mark.parametrize("error", [CameraNotFoundError("x"), CameraBusyError("x"), CameraFailedError("x")])
def test_temporary_errors_never_end_the_tries(error: ContractError) -> None:
    retries = Retries(POLICY)
    assert not any(retries.is_over(error, now) for now in (0.0, 600.0, 1e6))


def test_a_camera_that_is_forbidden_is_given_up_only_after_udev_had_its_time() -> None:
    retries, forbidden = Retries(POLICY), CameraPermissionDeniedError("x")
    assert not retries.is_over(forbidden, now=100.0)
    assert not retries.is_over(forbidden, now=100.0 + POLICY.permission_patience * 0.9)
    assert retries.is_over(forbidden, now=100.0 + POLICY.permission_patience)


def test_the_time_that_a_camera_is_forbidden_counts_anew_after_another_error() -> None:
    retries, forbidden = Retries(POLICY), CameraPermissionDeniedError("x")
    retries.is_over(forbidden, now=0.0)
    retries.is_over(CameraNotFoundError("x"), now=1.0)
    assert not retries.is_over(forbidden, now=POLICY.permission_patience)
