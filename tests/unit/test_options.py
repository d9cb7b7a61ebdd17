"""The command line, as far as it says how long a lost viewer is looked for."""

from __future__ import annotations

import pytest

from sidecar.options import parse
from sidecar.sessions.recovery import RecoveryPolicy


def test_what_is_not_said_is_as_usual() -> None:
    assert parse([]).recovery == RecoveryPolicy()


def test_every_limit_of_a_recovery_can_be_set() -> None:
    said = ["--reconnect-tries", "3", "--reconnect-pause", "0.5", "--reconnect-pause-max", "2"]
    policy = parse([*said, "--reconnect-answer-timeout", "5"]).recovery
    assert policy == RecoveryPolicy(tries=3, first_pause=0.5, longest_pause=2.0, answer_timeout=5.0)


def test_the_longest_pause_is_no_shorter_than_the_first() -> None:
    assert parse(["--reconnect-pause", "9"]).recovery.longest_pause == 9.0


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--reconnect-tries", "-1"),
        ("--reconnect-tries", "many"),
        ("--reconnect-pause", "0"),
        ("--reconnect-pause-max", "nan"),
        ("--reconnect-answer-timeout", "1e9"),
    ],
)
def test_what_makes_no_sense_is_refused(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([option, value])
    assert ended.value.code == 2
    assert option in capsys.readouterr().err
