"""The command line: how long a lost viewer is looked for, and where ICE may connect."""

from __future__ import annotations

import pytest

from sidecar.options import parse
from sidecar.sessions.recovery import RecoveryPolicy
from sidecar.webrtc.ice.policy import IcePolicy


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


def test_a_page_is_not_bounded_by_default() -> None:
    assert parse([]).ice == IcePolicy("any", ())


def test_where_viewers_are_and_which_ice_servers_are_asked_can_be_bounded() -> None:
    said = ["--peers", "local", "--allow-ice-server", "stun:*.example.org", "--allow-ice-server", "turns:turn.example"]
    policy = parse(said).ice
    assert policy.is_local
    assert [str(each.address) for each in policy.servers] == [
        "stun:*.example.org:3478",
        "turns:turn.example:5349?transport=tcp",
    ]


@pytest.mark.parametrize(
    ("option", "value"),
    [("--peers", "lan"), ("--allow-ice-server", "*"), ("--allow-ice-server", "turn:host:*")],
)
def test_what_bounds_nothing_is_refused(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([option, value])
    assert ended.value.code == 2
    assert option in capsys.readouterr().err
