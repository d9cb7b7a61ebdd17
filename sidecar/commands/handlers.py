"""The binding of handlers to the rows of the contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel

from sidecar.commands.services import Services
from sidecar.contract.method import Method, ParamsModel, ResultModel

HANDLERS: dict[str, Callable[[Services, Any], Awaitable[BaseModel]]] = {}
"""The handler of each method, by the method's name."""


def handles(
    method: Method[ParamsModel, ResultModel],
) -> Callable[
    [Callable[[Services, ParamsModel], Awaitable[ResultModel]]],
    Callable[[Services, ParamsModel], Awaitable[ResultModel]],
]:
    """Return a decorator that makes a function the handler of `method`; the types of both must agree."""

    def bind(
        handler: Callable[[Services, ParamsModel], Awaitable[ResultModel]],
    ) -> Callable[[Services, ParamsModel], Awaitable[ResultModel]]:
        assert method.name not in HANDLERS, f"{method.name} has two handlers"
        HANDLERS[method.name] = handler
        return handler

    return bind
