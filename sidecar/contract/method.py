"""The rows of the contract's tables: `Method`, `Event` and the example that each of them carries."""

from __future__ import annotations

from typing import Any, Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel

from sidecar.contract.errors import ContractError
from sidecar.contract.models import Params

Json = dict[str, Any]
Permission = Literal["view", "streaming", "format", "photo", "encoding", "prompt"]

ParamsModel = TypeVar("ParamsModel", bound=Params)
ResultModel = TypeVar("ResultModel", bound=BaseModel)


class Example(NamedTuple):
    """One call as it goes over the wire: the parameters by name, and the result.

    A result may leave out members with a first value, such as new counters; `wire_form` adds them.
    """

    params: Json
    result: Json


class Method(NamedTuple, Generic[ParamsModel, ResultModel]):
    """One method of the contract: a module constant in sidecar/contract/methods.

    A handler is bound to the row by `@handles` (sidecar/commands/handlers.py). The schemas, the OpenRPC document, the
    typed calls, and the declarations and permissions of the Tauri shell are generated from it by scripts/generate.py.
    """

    name: str
    summary: str
    params: type[ParamsModel]
    result: type[ResultModel]
    example: Example
    errors: tuple[type[ContractError], ...] = ()
    """The errors that this method can return, ShuttingDownError aside."""

    answered_until_end: bool = False
    """Whether the method is answered, and not refused with ShuttingDownError, as long as the process lives."""

    imports: tuple[str, ...] = ()
    """The modules that are imported in a thread before the handler runs, because their import takes long."""

    permission: Permission | None = "view"
    """The permission of the Tauri shell that lets a page call this method; None: only the app itself may call it."""

    result_names_ended: bool = False
    """Whether the ids in the result belong to connections and sessions that this call has ended."""


AnyMethod = Method[Any, Any]


def wire_form(model: type[BaseModel], example: Json) -> Json:
    """Return an example of an object that the sidecar sends, with every member that is always sent."""
    return model.model_validate(example).model_dump(mode="json")


class Event(NamedTuple):
    """One notification of the contract."""

    name: str
    summary: str
    params: type[BaseModel]
    example: Json
