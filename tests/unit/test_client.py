from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest

from sidecar.client import CallError, SidecarClient, SidecarGoneError
from tests.support.sidecar_process import ROOT

PROGRAM = [sys.executable, "-m", "tests.support.rpc_app"]


@pytest.fixture
async def client() -> AsyncIterator[SidecarClient]:
    async with SidecarClient.start(PROGRAM, cwd=str(ROOT)) as client:
        yield client


def program(code: str) -> list[str]:
    return [sys.executable, "-c", code]


async def test_calls_give_results_in_any_order_of_the_answers(client: SidecarClient) -> None:
    slow = asyncio.create_task(client.call("wait"))
    assert await client.call("echo", ["by position"]) == {"value": "by position"}
    assert await client.call("echo", {"value": "by name"}) == {"value": "by name"}
    await client.notify("release")
    assert await slow == {}


async def test_an_error_is_raised_with_its_code_and_data(client: SidecarClient) -> None:
    with pytest.raises(CallError, match=r"Method not found \(-32601\)") as caught:
        await client.call("nothing")
    assert (caught.value.code, caught.value.data["kind"]) == (-32601, "method_not_found")


async def test_a_call_that_is_not_answered_times_out_and_the_next_one_works(client: SidecarClient) -> None:
    with pytest.raises(TimeoutError):
        await client.call("wait", timeout=0.01)
    assert await client.call("echo", [1]) == {"value": 1}


async def test_a_notification_is_found_before_and_after_it_came_and_taken_once(client: SidecarClient) -> None:
    assert await client.notification("ready") == {"pid": client.process.pid}
    with pytest.raises(TimeoutError):
        await client.notification("ready", timeout=0.01)


async def test_only_a_notification_that_fits_is_taken(client: SidecarClient) -> None:
    await client.call("echo")
    with pytest.raises(TimeoutError):
        await client.notification("ready", lambda params: params["pid"] == 0, timeout=0.01)
    assert [kept.method for kept in client.notifications] == ["ready"]


async def test_a_condition_that_fails_fails_its_own_wait_only(client: SidecarClient) -> None:
    with pytest.raises(KeyError):
        await client.notification("ready", lambda params: params["nothing"])
    assert await client.notification("ready") == {"pid": client.process.pid}


async def test_a_message_of_megabytes_goes_both_ways(client: SidecarClient) -> None:
    text = "x" * 4_000_000
    assert (await client.call("echo", [text]))["value"] == text


async def test_the_log_of_the_program_can_be_read(client: SidecarClient) -> None:
    with pytest.raises(CallError):
        await client.call("fail")
    await client.close()
    assert "RuntimeError: a secret in /home/somebody" in client.stderr


async def test_leaving_the_block_ends_the_program() -> None:
    async with SidecarClient.start(PROGRAM, cwd=str(ROOT)) as client:
        await client.notification("ready")
    assert client.process.returncode == 0
    with pytest.raises(SidecarGoneError):
        await client.call("echo")


async def test_a_program_that_does_not_end_is_killed() -> None:
    async with SidecarClient.start(program("import time; time.sleep(100)"), close_timeout=0.2) as client:
        pass
    assert client.process.returncode not in (0, None)


async def test_calls_and_waits_fail_when_the_program_ends() -> None:
    async with SidecarClient.start(program("input(); raise SystemExit(3)")) as client:
        waiting = asyncio.create_task(client.notification("ready"))
        with pytest.raises(SidecarGoneError):
            await client.call("echo")
        with pytest.raises(SidecarGoneError):
            await waiting
    assert client.process.returncode == 3


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        "[]",
        '{"id": [1], "result": {}}',
        '{"id": 1}',
        '{"id": 1, "error": {}}',
        '{"id": 1, "error": "no"}',
        '{"method": "ready", "params": [0]}',
        "[" * 100_000,
    ],
    ids=["no JSON", "no object", "no id", "no result", "no code", "no error", "no params", "no end of brackets"],
)
async def test_a_program_that_writes_no_message_is_not_followed_any_further(
    line: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with SidecarClient.start(program(f"input(); print({line!r}, flush=True); input()")) as client:
        with pytest.raises(SidecarGoneError, match="no message"):
            await client.call("echo")
    assert "no message" in caplog.text
