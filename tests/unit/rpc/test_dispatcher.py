from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.rpc.dispatcher import Dispatcher
from tests.support.rpc_methods import Methods, request


@pytest.fixture
def methods() -> Methods:
    return Methods()


@pytest.fixture
def dispatcher(methods: Methods) -> Dispatcher:
    return methods.dispatcher()


async def answer(dispatcher: Dispatcher, line: bytes | str) -> Any:
    text = await dispatcher.handle(line if isinstance(line, bytes) else line.encode())
    return None if text is None else json.loads(text)


async def error(dispatcher: Dispatcher, line: bytes | str) -> Any:
    return (await answer(dispatcher, line))["error"]


def without_data(value: Any) -> Any:
    if isinstance(value, list):
        return [without_data(item) for item in value]
    if isinstance(value, dict):
        return {key: without_data(item) for key, item in value.items() if key != "data"}
    return value


INVALID = {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": None}
PARSE_ERROR = {"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": None}

# JSON-RPC 2.0, section 7, in its order.
SPECIFICATION: list[tuple[str, Any]] = [
    ('{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}', {"result": 19, "id": 1}),
    ('{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}', {"result": -19, "id": 2}),
    (
        '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
        {"result": 19, "id": 3},
    ),
    (
        '{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}',
        {"result": 19, "id": 4},
    ),
    ('{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', None),
    ('{"jsonrpc": "2.0", "method": "foobar"}', None),
    (
        '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}',
        {"error": {"code": -32601, "message": "Method not found"}, "id": "1"},
    ),
    ('{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', PARSE_ERROR),
    ('{"jsonrpc": "2.0", "method": 1, "params": "bar"}', INVALID),
    (
        '[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, {"jsonrpc": "2.0", "method"]',
        PARSE_ERROR,
    ),
    ("[]", INVALID),
    ("[1]", [INVALID]),
    ("[1,2,3]", [INVALID, INVALID, INVALID]),
    (
        """[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
            {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
            {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
            {"foo": "boo"},
            {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
            {"jsonrpc": "2.0", "method": "get_data", "id": "9"}]""",
        [
            {"result": 7, "id": "1"},
            {"result": 19, "id": "2"},
            INVALID,
            {"error": {"code": -32601, "message": "Method not found"}, "id": "5"},
            {"result": ["hello", 5], "id": "9"},
        ],
    ),
    (
        """[{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
            {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}]""",
        None,
    ),
]


@pytest.mark.parametrize(("line", "expected"), SPECIFICATION)
async def test_the_examples_of_the_specification_are_answered_as_it_says(
    dispatcher: Dispatcher, line: str, expected: Any
) -> None:
    def complete(item: Any) -> Any:
        return {"jsonrpc": "2.0", **item}

    if isinstance(expected, list):
        expected = [complete(item) for item in expected]
    elif expected is not None:
        expected = complete(expected)
    assert without_data(await answer(dispatcher, line)) == expected


@pytest.mark.parametrize("request_id", [0, -1, 1.5, "", "a\u00e9\U0001f600", None, 10**30])
async def test_an_id_comes_back_as_it_was(dispatcher: Dispatcher, request_id: Any) -> None:
    assert (await answer(dispatcher, request("get_data", request_id=request_id)))["id"] == request_id


async def test_an_id_with_a_lone_surrogate_comes_back_as_it_was(dispatcher: Dispatcher) -> None:
    line = b'{"jsonrpc":"2.0","method":"get_data","id":"\\ud800"}'
    assert (await answer(dispatcher, line))["id"] == "\ud800"


@pytest.mark.parametrize("request_id", ["true", "[]", "{}", "1e999"])
async def test_an_invalid_id_makes_the_request_invalid(dispatcher: Dispatcher, request_id: str) -> None:
    response = await answer(dispatcher, f'{{"jsonrpc":"2.0","method":"get_data","id":{request_id}}}')
    assert (response["error"]["code"], response["id"]) == (-32600, None)


@pytest.mark.parametrize(
    "members",
    [
        '"method":"get_data"',
        '"jsonrpc":"1.0","method":"get_data"',
        '"jsonrpc":2.0,"method":"get_data"',
        '"jsonrpc":"2.0"',
        '"jsonrpc":"2.0","method":null',
        '"jsonrpc":"2.0","method":"get_data","params":null',
        '"jsonrpc":"2.0","method":"get_data","params":5',
        '"jsonrpc":"2.0","result":5',
    ],
)
async def test_an_invalid_request_keeps_its_id(dispatcher: Dispatcher, members: str) -> None:
    response = await answer(dispatcher, f'{{"id":7,{members}}}')
    assert (response["error"]["code"], response["id"]) == (-32600, 7)


@pytest.mark.parametrize(
    "line", [b"\xff", b'"\xed\xa0\x80"', b"NaN", b"[-Infinity]", b"\xef\xbb\xbf{}", b"[" * 100_000]
)
async def test_a_line_that_is_no_json_is_a_parse_error(dispatcher: Dispatcher, line: bytes) -> None:
    assert (await error(dispatcher, line))["code"] == -32700


async def test_a_batch_of_a_hundred_is_served_and_a_longer_one_is_refused_as_a_whole(dispatcher: Dispatcher) -> None:
    batch = [json.loads(request("get_data", request_id=number)) for number in range(101)]
    served = await answer(dispatcher, json.dumps(batch[:100]))
    assert [response["id"] for response in served] == list(range(100))
    refused = await answer(dispatcher, json.dumps(batch))
    assert (refused["error"]["code"], refused["error"]["data"]["details"]) == (-32600, {"maximum": 100})


@pytest.mark.parametrize(
    ("line", "code", "kind"),
    [
        (b"rubbish", -32700, "parse_error"),
        (b"{}", -32600, "invalid_request"),
        (request("nothing"), -32601, "method_not_found"),
        (request("subtract", [1, "x"]), -32602, "invalid_params"),
        (request("fail"), -32603, "internal_error"),
    ],
)
async def test_every_standard_error_names_its_kind_and_a_remedy(
    dispatcher: Dispatcher, line: bytes, code: int, kind: str
) -> None:
    problem = await error(dispatcher, line)
    assert problem["code"] == code
    assert problem["data"]["kind"] == kind
    assert problem["data"]["retryable"] is False
    assert problem["data"]["hint"].endswith(".")


async def test_the_text_of_an_exception_goes_to_the_log_and_not_over_the_wire(
    dispatcher: Dispatcher, caplog: pytest.LogCaptureFixture
) -> None:
    text = await dispatcher.handle(request("fail"))
    assert text is not None
    assert b"secret" not in text
    assert b"RuntimeError" not in text
    assert "secret text" in caplog.text


async def test_an_exception_that_knows_its_code_becomes_that_error(dispatcher: Dispatcher) -> None:
    assert await error(dispatcher, request("busy")) == {
        "code": 1002,
        "message": "The camera is busy",
        "data": {"kind": "camera_busy"},
    }
    assert (await error(dispatcher, request("fail_in_words")))["code"] == 1234


async def test_a_result_that_is_no_json_is_a_bug_and_not_silence(dispatcher: Dispatcher) -> None:
    response = await answer(dispatcher, request("nan", request_id=5))
    assert (response["id"], response["error"]["code"]) == (5, -32603)


async def test_a_handler_that_cancels_itself_is_a_bug_and_not_silence(dispatcher: Dispatcher) -> None:
    response = await answer(dispatcher, request("cancel_itself", request_id=5))
    assert (response["id"], response["error"]["code"]) == (5, -32603)


async def test_a_notification_is_not_answered_even_when_it_fails(dispatcher: Dispatcher) -> None:
    for method in ("fail", "busy", "nothing", "subtract", "nan"):
        assert await answer(dispatcher, f'{{"jsonrpc":"2.0","method":"{method}"}}') is None


async def test_a_request_does_not_wait_for_another(dispatcher: Dispatcher, methods: Methods) -> None:
    waiting = asyncio.create_task(answer(dispatcher, request("wait", ["slow"], 1)))
    await methods.start_of("slow")
    assert (await answer(dispatcher, request("get_data", request_id=2)))["id"] == 2
    methods.released.set()
    assert (await waiting)["result"] == {"name": "slow"}


async def test_requests_start_in_the_order_they_came_in_whether_in_batches_or_alone(
    dispatcher: Dispatcher, methods: Methods
) -> None:
    batch = b"[" + request("wait", ["b"], 2) + b"," + request("wait", ["c"], 3) + b"]"
    lines = [request("wait", ["a"], 1), batch, request("wait", ["d"], 4)]
    tasks = [asyncio.create_task(dispatcher.handle(line)) for line in lines]
    await methods.start_of("d")
    assert methods.started == ["a", "b", "c", "d"]
    methods.released.set()
    await asyncio.gather(*tasks)


async def test_a_second_request_with_an_id_in_flight_is_served(dispatcher: Dispatcher, methods: Methods) -> None:
    waiting = asyncio.create_task(answer(dispatcher, request("wait", ["first"], "x")))
    await methods.start_of("first")
    assert await answer(dispatcher, request("get_data", request_id="x")) == {
        "jsonrpc": "2.0",
        "result": ["hello", 5],
        "id": "x",
    }
    methods.released.set()
    assert (await waiting)["result"] == {"name": "first"}


async def test_one_id_twice_in_a_batch_is_served_twice(dispatcher: Dispatcher) -> None:
    responses = await answer(dispatcher, b"[" + request("get_data") + b"," + request("get_data") + b"]")
    assert [response["result"] for response in responses] == [["hello", 5]] * 2


async def test_requests_past_the_limit_are_refused_and_served_once_others_have_ended(methods: Methods) -> None:
    dispatcher = methods.dispatcher(max_in_flight=2)
    waiting = [asyncio.create_task(answer(dispatcher, request("wait", [name], name))) for name in ("a", "b")]
    await methods.start_of("b")
    refused = await error(dispatcher, request("get_data"))
    assert (refused["data"]["kind"], refused["data"]["retryable"]) == ("server_busy", True)
    methods.released.set()
    await asyncio.gather(*waiting)
    assert "result" in await answer(dispatcher, request("get_data"))


async def test_closing_ends_the_requests_in_flight_and_answers_each(dispatcher: Dispatcher, methods: Methods) -> None:
    batch = b"[" + request("wait", ["b"], 2) + b"," + request("wait", ["c"], 3) + b"]"
    waiting = [asyncio.create_task(answer(dispatcher, line)) for line in (request("wait", ["a"], 1), batch)]
    await methods.start_of("c")
    unstarted = asyncio.create_task(answer(dispatcher, request("get_data", request_id=4)))
    dispatcher.close()
    first, (second, third) = await asyncio.gather(*waiting)
    kinds = [response["error"]["data"]["kind"] for response in (first, second, third, await unstarted)]
    assert kinds == ["server_closed"] * 4
    assert sorted(methods.cancelled) == ["a", "b", "c"]


class TestParameters:
    async def test_names_are_taken_in_camel_case_and_in_snake_case(self, dispatcher: Dispatcher) -> None:
        expected = {"device_id": "x", "options": [{"max_width": 5}]}
        for params in (
            {"deviceId": "x", "options": [{"maxWidth": 5}]},
            {"device_id": "x", "options": [{"max_width": 5}]},
            ["x", [{"max_width": 5}]],
        ):
            assert (await answer(dispatcher, request("configure", params)))["result"] == expected

    @pytest.mark.parametrize(
        ("params", "paths"),
        [
            ({}, ["device_id"]),
            ({"device_id": 5}, ["device_id"]),
            ({"deviceId": 5}, ["deviceId"]),
            ({"device_id": "x", "colour": 1}, ["colour"]),
            ({"deviceId": "x", "device_id": "y"}, ["device_id"]),
            ({"device_id": "x", "options": 5}, ["options"]),
            ({"device_id": "x", "options": [5]}, ["options[0]"]),
            ({"deviceId": "x", "options": [{"maxWidth": 1}, {"maxWidth": "1"}]}, ["options[1].maxWidth"] * 2),
            (
                {"device_id": "x", "options": [{"max_width": [1, "1"]}]},
                ["options[0].max_width", "options[0].max_width[1]"],
            ),
            ({"device_id": "x", "options": [{"max_width": {}}]}, ["options[0].max_width"] * 2),
            (["x", [], 3], ["[2]"]),
            ({"device_id": "x", "\ud800": 1}, [""]),
        ],
    )
    async def test_each_parameter_that_does_not_fit_is_named(
        self, dispatcher: Dispatcher, params: Any, paths: list[str]
    ) -> None:
        problem = await error(dispatcher, request("configure", params))
        assert problem["code"] == -32602
        assert [item["path"] for item in problem["data"]["details"]["errors"]] == paths

    async def test_messages_speak_of_json_and_never_of_the_value(self, dispatcher: Dispatcher) -> None:
        problem = await error(dispatcher, request("configure", {"device_id": "x", "options": ["a secret"]}))
        assert problem["data"]["hint"] == "options[0]: must be an object."
        assert "secret" not in json.dumps(problem)

    async def test_a_flood_of_errors_is_cut_short(self, dispatcher: Dispatcher) -> None:
        params = {"x" * 10_000: 1, **{str(number): 1 for number in range(1000)}}
        text = await dispatcher.handle(request("configure", params))
        assert text is not None
        assert len(text) < 8000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
ENVELOPE = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.just("2.0") | JSON,
        "id": JSON,
        "method": st.sampled_from(["configure", "sum", "get_data", "x"]) | JSON,
        "params": JSON,
    },
)


@given(st.binary() | (ENVELOPE | st.lists(ENVELOPE, max_size=3) | JSON).map(lambda value: json.dumps(value).encode()))
async def test_the_answer_to_any_line_is_json_and_never_an_internal_error(line: bytes) -> None:
    text = await Methods().dispatcher().handle(line)
    responses = [] if text is None else json.loads(text)
    for response in responses if isinstance(responses, list) else [responses]:
        assert response["jsonrpc"] == "2.0"
        assert ("result" in response) != ("error" in response)
        assert response.get("error", {}).get("code") != -32603
