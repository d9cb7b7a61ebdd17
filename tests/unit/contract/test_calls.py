"""The typed calls are the table of methods."""

from __future__ import annotations

import inspect
from typing import Any, get_args, get_type_hints

import pytest

from sidecar.contract.calls import Calls
from sidecar.contract.method import AnyMethod
from sidecar.contract.methods import CREATE_OFFER, METHODS, AddIceCandidateParams, CreateOfferParams, Empty


def name_of(method: AnyMethod) -> str:
    return method.name.rpartition(".")[2]


def test_there_is_one_call_for_each_method() -> None:
    calls = {name for name, _ in inspect.getmembers(Calls, inspect.iscoroutinefunction) if not name.startswith("_")}
    assert calls == set(map(name_of, METHODS))


@pytest.mark.parametrize("method", METHODS, ids=name_of)
def test_a_call_has_the_types_of_its_method(method: AnyMethod) -> None:
    call = getattr(Calls, name_of(method))
    hints = get_type_hints(call)
    assert hints.pop("return") is method.result
    taken = {one for hint in hints.values() for one in get_args(hint) or (hint,)} - {type(None)}
    assert taken == ({method.params} - {Empty})


@pytest.mark.parametrize("method", METHODS, ids=name_of)
async def test_a_call_carries_its_parameters_and_gives_the_result_back(method: AnyMethod) -> None:
    example = method.example
    carried: list[tuple[str, dict[str, Any]]] = []

    async def carry(name: str, params: dict[str, Any]) -> Any:
        carried.append((name, params))
        return example.result

    params = () if method.params is Empty else (method.params.model_validate(example.params),)
    result = await getattr(Calls(carry), name_of(method))(*params)
    assert carried == [(method.name, example.params)]
    assert result == method.result.model_validate(example.result)


async def test_a_null_that_the_caller_sets_is_sent_and_an_unset_member_is_not() -> None:
    carried: list[dict[str, Any]] = []

    async def carry(_: str, params: dict[str, Any]) -> Any:
        carried.append(params)
        return {} if len(carried) == 1 else CREATE_OFFER.example.result

    calls = Calls(carry)
    await calls.add_ice_candidate(AddIceCandidateParams(connection_id="c", candidate=None))
    await calls.create_offer(CreateOfferParams(ice_restart=True))
    assert carried == [{"connection_id": "c", "candidate": None}, {"ice_restart": True}]
