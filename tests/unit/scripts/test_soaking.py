"""scripts/soak.py finds each kind of leak and fault."""

from __future__ import annotations

import logging
from dataclasses import replace
from random import Random

import pytest
from soaking.descriptions import LONGEST_SDP, mangled, swollen, with_another_fingerprint
from soaking.samples import Sample, complaints, growth
from soaking.subject import LogWatch

STEADY = [Sample("work", 50_000_000, 120_000_000, 8, 7, 6)] * 40

ANSWER = "\r\n".join(
    [
        "v=0",
        "o=- 1 0 IN IP4 127.0.0.1",
        "s=-",
        "m=video 9 UDP/TLS/RTP/SAVPF 102",
        "c=IN IP4 0.0.0.0",
        "a=fingerprint:sha-256 01:23:45",
        "a=candidate:1 1 udp 1 127.0.0.1 40000 typ host",
        "",
    ]
)


def line(text: str, level: int = logging.DEBUG) -> logging.LogRecord:
    return logging.LogRecord("sidecar.client", level, "", 0, "sidecar: %s", (text,), None)


def test_what_stays_level_is_no_complaint() -> None:
    assert complaints(STEADY) == []


def test_what_grows_during_the_warm_up_is_no_complaint() -> None:
    warming = [replace(one, private=one.private // 2, tasks=1) for one in STEADY[:20]]
    assert complaints(warming + STEADY[20:]) == []


def test_memory_that_grows_after_the_warm_up_is_one() -> None:
    samples = [replace(one, private=one.private * (100 + number) // 100) for number, one in enumerate(STEADY)]
    assert growth(samples) > 1.1
    assert "memory" in complaints(samples)[0]


def test_free_blocks_that_come_and_go_are_no_growth() -> None:
    random = Random(1)
    noisy = [replace(one, private=int(one.private * random.uniform(0.9, 1.1))) for one in STEADY for _ in range(3)]
    assert complaints(noisy) == []


@pytest.mark.parametrize("name", ["descriptors", "threads", "tasks"])
def test_one_more_of_anything_that_never_ends_is_one(name: str) -> None:
    samples = STEADY[:30] + [replace(one, **{name: getattr(one, name) + 1}) for one in STEADY[30:]]
    assert [complaint.partition(":")[0] for complaint in complaints(samples)] == [name]


def test_one_more_for_a_moment_is_none() -> None:
    samples = [*STEADY[:-1], replace(STEADY[-1], tasks=9)]
    assert complaints(samples) == []


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T00:00:00.000Z ERROR asyncio: Task exception was never retrieved",
        "2026-01-01T00:00:00.000Z WARNING py.warnings: x.py:1: RuntimeWarning: coroutine 'x' was never awaited",
        "2026-01-01T00:00:00.000Z WARNING sidecar.streams.stream: a thread hangs and was left behind",
        "Traceback (most recent call last):",
        "Fatal Python error: Segmentation fault",
    ],
)
def test_a_line_that_the_log_should_not_have_is_kept(text: str) -> None:
    watch = LogWatch()
    watch.emit(line(text))
    assert watch.complaints == [f"sidecar: {text}"]


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T00:00:00.000Z INFO sidecar.connections.connection: connection 1: closed",
        "2026-01-01T00:00:00.000Z WARNING sidecar.streams.registry: file:/video.mp4: video.mp4 does not exist.",
    ],
)
def test_an_ordinary_line_is_not(text: str) -> None:
    watch = LogWatch()
    watch.emit(line(text))
    assert watch.complaints == []


def test_a_complaint_of_the_client_s_own_is_kept() -> None:
    watch = LogWatch()
    watch.emit(line("an answer to no call", logging.WARNING))
    assert len(watch.complaints) == 1


def test_the_number_of_tasks_is_read_from_the_log() -> None:
    watch = LogWatch()
    watch.emit(line("2026-01-01T00:00:00.000Z DEBUG sidecar.commands.statistics: 6 tasks: App._feed 1"))
    assert watch.tasks.get_nowait() == (6, "App._feed 1")
    assert watch.complaints == []


def test_a_mangled_description_sends_nobody_elsewhere() -> None:
    for seed in range(200):
        changed = mangled(ANSWER, Random(seed))
        kept = [one for one in changed.splitlines() if one.startswith(("a=candidate", "c=", "o="))]
        assert set(kept) <= set(ANSWER.splitlines())


def test_another_fingerprint_is_another() -> None:
    assert with_another_fingerprint(ANSWER) == ANSWER.replace("01:23:45", "54:32:10")


def test_a_swollen_description_is_as_long_as_one_may_be() -> None:
    sdp = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n"
    lengths = [len(swollen(sdp, Random(seed))) for seed in range(20)]
    assert max(lengths) <= LONGEST_SDP
    assert min(lengths) > LONGEST_SDP - 100
    assert any(swollen(sdp, Random(seed)).count(" 96") > 60_000 for seed in range(20))
