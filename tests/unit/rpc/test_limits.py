"""Lines over the limits are refused without being parsed, with a short answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sidecar.rpc.dispatcher import Dispatcher
from sidecar.rpc.envelope import MAX_ID_CHARS
from tests.support.rpc_methods import Methods


@pytest.fixture
def dispatcher() -> Dispatcher:
    return Methods().dispatcher()


async def answer(dispatcher: Dispatcher, line: bytes | str) -> Any:
    text = await dispatcher.handle(line if isinstance(line, bytes) else line.encode())
    return None if text is None else json.loads(text)


async def error(dispatcher: Dispatcher, line: str) -> Any:
    return (await answer(dispatcher, line))["error"]


@pytest.mark.parametrize("digits", ["9" * 4_301, "-" + "9" * 60_000])
async def test_an_integer_of_any_number_of_digits_is_an_id(dispatcher: Dispatcher, digits: str) -> None:
    for method, part in (("get_data", '"result":["hello",5]'), ("nothing", '"error":{"code":-32601')):
        text = await dispatcher.handle(f'{{"jsonrpc":"2.0","method":"{method}","id":{digits}}}'.encode())
        assert text is not None
        assert part in text.decode()
        assert text.decode().endswith(f',"id":{digits}}}')


async def test_an_integer_of_too_many_digits_for_a_parameter_is_an_invalid_parameter(dispatcher: Dispatcher) -> None:
    line = '{"jsonrpc":"2.0","id":1,"method":"subtract","params":[1,' + "9" * 5_000 + "]}"
    problem = await error(dispatcher, line)
    assert (problem["code"], problem["data"]["details"]["errors"][0]["path"]) == (-32602, "subtrahend")


@pytest.mark.parametrize("request_id", ['"' + "x" * (MAX_ID_CHARS + 1) + '"', "9" * (MAX_ID_CHARS + 1)])
async def test_an_id_too_long_to_repeat_makes_the_request_invalid(dispatcher: Dispatcher, request_id: str) -> None:
    text = await dispatcher.handle(f'{{"jsonrpc":"2.0","method":"get_data","id":{request_id}}}'.encode())
    assert text is not None
    assert len(text) < 1_000
    assert (json.loads(text)["error"]["code"], json.loads(text)["id"]) == (-32600, None)


def flood(before: str, after: str, count: int = 700_000) -> bytes:
    """A request with so many unknown parameters, and members before and after them."""
    return (before + ",".join(f'"p{number}":0' for number in range(count)) + after).encode()


@pytest.mark.parametrize(
    ("before", "after", "code", "request_id"),
    [
        ('{"jsonrpc":"2.0","id":7,"method":"configure","params":{', "}}", -32602, 7),
        ('{"params":{', '},"method":"configure","jsonrpc":"2.0","id":"last"}', -32602, "last"),
        ('{"id":"{[","jsonrpc":"2.0","method":"configure","params":{"x":[],', "}}", -32602, "{["),
        ('{"jsonrpc":"2.0","id":7,"method":"nothing","params":{', "}}", -32601, 7),
        ('{"jsonrpc":"1.0","id":7,"method":"configure","params":{', "}}", -32600, 7),
        ('{"jsonrpc":"2.0","id":7,"method":"configure",', "}", -32600, None),
        ('[{"jsonrpc":"2.0","id":7,"method":"configure","params":{', "}}]", -32600, None),
        ('{"jsonrpc":"2.0","id":7,"method":"configure","params":{', "", -32700, None),
    ],
)
async def test_a_line_of_too_many_values_is_refused_unread_and_its_request_answered(
    dispatcher: Dispatcher, before: str, after: str, code: int, request_id: Any
) -> None:
    response = await answer(dispatcher, flood(before, after))
    assert (response["error"]["code"], response["id"]) == (code, request_id)


async def test_a_notification_of_too_many_values_is_not_answered(dispatcher: Dispatcher) -> None:
    assert await answer(dispatcher, flood('{"jsonrpc":"2.0","method":"configure","params":{', "}}")) is None


async def test_a_long_text_full_of_commas_is_one_value(dispatcher: Dispatcher) -> None:
    name = ',[{"' * 100_000
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "configure", "params": {"device_id": name}})
    assert (await answer(dispatcher, line))["result"]["device_id"] == name


async def test_the_last_of_two_members_of_one_name_counts(dispatcher: Dispatcher) -> None:
    line = '{"jsonrpc":"2.0","id":1,"id":2,"method":"nothing","method":"get_data"}'
    assert await answer(dispatcher, line) == {"jsonrpc": "2.0", "result": ["hello", 5], "id": 2}
