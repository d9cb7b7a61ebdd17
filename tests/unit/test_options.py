"""The command line: the recovery of lost viewers, and the limits of ICE."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.connections.recovery import RecoveryPolicy
from sidecar.options import parse
from sidecar.webrtc.ice.policy import IcePolicy


def test_without_options_the_recovery_has_its_defaults() -> None:
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
def test_a_limit_out_of_its_range_is_refused(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([option, value])
    assert ended.value.code == 2
    assert option in capsys.readouterr().err


@pytest.mark.parametrize(
    "pattern",
    [
        "rtsp://bob:hunter2@cam:port/x",
        "rtsp://bob:hun/ter2@cam/x",
        "http://bob:hunter2@cam/x",
        "rtsp://bob:hunter2@10.*",
        "rtsp://bob:hunter2@cam/../x",
        "bob:hunter2@cam",
        "rtsp://bob:hunter2@cam/x\n",
        "file:/dev/hunter2",
    ],
)
def test_a_pattern_that_cannot_be_read_is_a_wrong_command_line_and_not_quoted(
    pattern: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["--allow-source", pattern])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "--allow-source" in said
    assert not any(secret in said for secret in ("bob", "hunter2", "ter2"))


def test_a_misplaced_source_is_quoted_without_its_login(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["rtsp://bob:hun/ter2@cam/x?key=hunter3"])
    said = capsys.readouterr().err
    assert "rtsp://***@cam/x" in said
    assert not any(secret in said for secret in ("bob", "hun/", "ter2", "hunter3"))


def test_the_options_show_no_source_and_can_come_from_a_file(tmp_path: Path) -> None:
    arguments = tmp_path / "arguments"
    arguments.write_text("--allow-source=rtsp://bob:hunter2@cam/x y\n--allow-source=file:/a b\n".replace(" y", ""))
    options = parse([f"@{arguments}", "--log-level", "debug"])
    assert options.allow_source == ("rtsp://bob:hunter2@cam/x", "file:/a b")
    assert "hunter2" not in repr(options)


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
def test_an_invalid_limit_of_ice_is_refused(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([option, value])
    assert ended.value.code == 2
    assert option in capsys.readouterr().err
