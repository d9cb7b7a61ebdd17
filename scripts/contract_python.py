"""The contract's methods as typed calls of the Python client: the text of sidecar/contract/calls.py."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from pydantic import BaseModel

from sidecar.contract import methods as m
from sidecar.contract.method import AnyMethod

LINE_LENGTH = 120

MODULE = '''\
"""The contract's methods as typed calls, for Python programs that drive the sidecar. Generated: do not edit.

Made from the contract's rows by scripts/generate.py.

session = await client.calls.start_streaming(StartStreamingParams(device_id="test:pattern"))
await client.calls.stop_streaming(SessionParams(session_id=session.session_id))
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sidecar.contract import methods as m
from sidecar.contract import types as t
from sidecar.contract.method import Method, ParamsModel, ResultModel


class Calls:
    """One coroutine for each method of the contract, under the last part of the method's name.

    `call(method, params)` sends a request and returns its result, both as JSON; its exceptions reach the caller.
    """

    def __init__(self, call: Callable[[str, dict[str, Any]], Awaitable[Any]]) -> None:
        self._call = call

    async def _send(self, method: Method[ParamsModel, ResultModel], params: ParamsModel) -> ResultModel:
        # Members that the caller has not set are left out, and not sent as null.
        wire = params.model_dump(mode="json", exclude_unset=True)
        return method.result.model_validate(await self._call(method.name, wire))
'''

CALL = '''
{signature}
        """{summary}"""
        return await self._send(m.{row}, {argument})
'''


def calls_module(methods: Iterable[AnyMethod]) -> str:
    """Return the text of the module with one call for each of `methods`."""
    rows = {id(row): name for name, row in vars(m).items()}
    return MODULE + "".join(_call(method, rows[id(method)]) for method in methods)


def _call(method: AnyMethod, row: str) -> str:
    name = method.name.rpartition(".")[2]
    params = _name(method.params)
    parameter, argument = f", params: {params}", "params"
    if not method.params.model_fields:
        parameter, argument = "", f"{params}()"
    elif not any(field.is_required() for field in method.params.model_fields.values()):
        parameter, argument = f", params: {params} | None = None", f"params or {params}()"
    return CALL.format(
        signature=_signature(name, f"self{parameter}", _name(method.result)),
        summary=_docstring(method.summary),
        row=row,
        argument=argument,
    )


def _name(model: type[BaseModel]) -> str:
    return f"{'t' if model.__module__ == 'sidecar.contract.types' else 'm'}.{model.__name__}"


def _signature(name: str, parameters: str, result: str) -> str:
    """Return the first line of a method, or its first lines as ruff would break them."""
    line = f"    async def {name}({parameters}) -> {result}:"
    if len(line) <= LINE_LENGTH:
        return line
    return f"    async def {name}(\n        {parameters}\n    ) -> {result}:"


def _docstring(summary: str) -> str:
    lines = textwrap.wrap(summary, LINE_LENGTH - len('        """"""'))
    return "\n        ".join(lines) + ("\n        " if len(lines) > 1 else "")
