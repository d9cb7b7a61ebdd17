from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from sidecar.rpc.endpoint import Endpoint
from sidecar.rpc.envelope import MAX_BATCH
from sidecar.rpc.outbox import Outbox
from tests.support.rpc_methods import Methods, request


def never() -> None:
    raise AssertionError("the outbox overflowed")


@pytest.fixture
def methods() -> Methods:
    return Methods()


@pytest.fixture
def outbox() -> Outbox:
    return Outbox(never)


@pytest.fixture
def endpoint(methods: Methods, outbox: Outbox) -> Endpoint:
    return Endpoint(methods.dispatcher(), outbox, max_line_bytes=1000)


def answers(outbox: Outbox) -> list[Any]:
    return [json.loads(line) for line in outbox.take(timeout=0).splitlines()]


async def test_a_request_in_pieces_is_answered_on_one_line(endpoint: Endpoint, outbox: Outbox) -> None:
    line = request("get_data") + b"\n"
    for index in range(len(line)):
        await endpoint.feed(line[index : index + 1])
    assert await endpoint.drain(5)
    assert [answer["result"] for answer in answers(outbox)] == [["hello", 5]]


async def test_a_thousand_requests_in_one_piece_are_all_answered(endpoint: Endpoint, outbox: Outbox) -> None:
    await endpoint.feed(b"".join(request("get_data", request_id=number) + b"\n" for number in range(1000)))
    assert await endpoint.drain(30)
    assert [(answer["id"], "result" in answer) for answer in answers(outbox)] == [(n, True) for n in range(1000)]


async def test_requests_start_in_the_order_in_which_they_came(endpoint: Endpoint, methods: Methods) -> None:
    names = [str(number) for number in range(50)]
    for name in names:
        await endpoint.feed(request("wait", [name], name) + b"\n")
    await methods.start_of("49")
    assert methods.started == names
    await endpoint.aclose()


async def test_an_oversized_line_is_refused_and_the_next_one_is_served(endpoint: Endpoint, outbox: Outbox) -> None:
    await endpoint.feed(b"x" * 5000 + b"\n" + request("get_data") + b"\n")
    assert await endpoint.drain(5)
    refusal, served = answers(outbox)
    assert (refusal["id"], refusal["error"]["code"]) == (None, -32600)
    assert refusal["error"]["data"]["details"] == {"max_bytes": 1000}
    assert "result" in served


async def test_a_last_line_without_an_end_is_served_when_the_stream_ends(endpoint: Endpoint, outbox: Outbox) -> None:
    await endpoint.feed(request("get_data"))
    assert answers(outbox) == []
    await endpoint.feed_eof()
    assert await endpoint.drain(5)
    assert len(answers(outbox)) == 1


async def test_draining_gives_up_after_its_time_and_says_so(endpoint: Endpoint, methods: Methods) -> None:
    await endpoint.feed(request("wait", ["slow"]) + b"\n")
    assert not await endpoint.drain(0.01)
    methods.released.set()
    assert await endpoint.drain(5)


async def test_closing_answers_the_requests_in_flight_and_leaves_no_task(endpoint: Endpoint, outbox: Outbox) -> None:
    await endpoint.feed(request("wait", ["slow"]) + b"\n")
    await endpoint.aclose()
    assert [answer["error"]["data"]["kind"] for answer in answers(outbox)] == ["server_closed"]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_answer_that_waits_for_the_rest_of_its_batch_is_unsent(
    endpoint: Endpoint, methods: Methods, outbox: Outbox
) -> None:
    await endpoint.feed(b"[" + request("sum") + b"," + request("wait", ["slow"]) + b"]\n")
    await methods.start_of("slow")
    assert not await endpoint.drain(0.01)
    assert (endpoint.bytes_unsent, outbox.bytes_waiting) == (len('{"jsonrpc":"2.0","result":0,"id":1}'), 0)
    methods.released.set()
    assert await endpoint.drain(5)
    assert endpoint.bytes_unsent == outbox.bytes_waiting > 0
    outbox.take()
    assert endpoint.bytes_unsent == 0


# One in flight, and there is still room for a whole batch; two, and there is not.
ROOM_FOR_ONE = MAX_BATCH + 1


async def test_a_client_that_asks_too_much_at_once_waits_rather_than_being_refused(
    methods: Methods, outbox: Outbox
) -> None:
    endpoint = Endpoint(methods.dispatcher(max_in_flight=ROOM_FOR_ONE), outbox)
    await endpoint.feed(b"".join(request("wait", [name], name) + b"\n" for name in ("first", "second")))
    feeding = asyncio.create_task(endpoint.feed(request("get_data", request_id="third") + b"\n"))
    await methods.start_of("second")
    assert answers(outbox) == []
    methods.released.set()
    await asyncio.wait_for(feeding, 5)
    assert await endpoint.drain(5)
    assert [(answer["id"], "result" in answer) for answer in answers(outbox)][-1] == ("third", True)


async def test_requests_that_hang_do_not_keep_the_next_ones_from_being_heard(methods: Methods, outbox: Outbox) -> None:
    endpoint = Endpoint(methods.dispatcher(max_in_flight=ROOM_FOR_ONE, room_timeout=0.01), outbox)
    hanging = [request("wait", [name], name) for name in ("first", "second")]
    await asyncio.wait_for(endpoint.feed(b"\n".join([*hanging, request("get_data", request_id="third"), b""])), 5)
    assert not await endpoint.drain(0.05)
    assert [answer["id"] for answer in answers(outbox)] == ["third"]
    await endpoint.aclose()
