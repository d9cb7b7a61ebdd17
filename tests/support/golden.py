"""Golden conversations: files of lines that go in (`>>`) and come out (`<<`), replayed against a process.

    # a comment
    $$ --log-notifications
    >> {"jsonrpc":"2.0","id":1,"method":"create_peer_connection"}
    << {"jsonrpc":"2.0","id":1,"result":{"connection_id":"<string CONNECTION>"}}
    >> {"jsonrpc":"2.0","id":2,"method":"close_connection","params":["${CONNECTION}"]}

Values that differ each time stand as `<any>`, `<string>`, `<integer>`, `<number>`, `<boolean>`, `<array>`, `<object>`
or `<null>`; a name behind it keeps the value. A member `"..."` stands for any others. An input line need not be
JSON. A `<<` with a method waits for that notification and overlooks others; the rest are answers, in their order.
A first line of `$$` starts a process with these arguments for this conversation alone.
"""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.sidecar_process import RawProcess

PLACEHOLDER = re.compile(r"<(any|string|integer|number|boolean|array|object|null)(?: (\w+))?>")
TYPES: dict[str, tuple[type, ...]] = {
    "any": (object,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


@dataclass(frozen=True)
class Step:
    """One line of a golden file."""

    number: int
    goes_in: bool
    text: str


@dataclass(frozen=True)
class Golden:
    """A golden file; `arguments` is None where any process will do."""

    arguments: list[str] | None
    steps: list[Step]


def read_golden(path: Path) -> Golden:
    """A golden file, without its comments."""
    golden = Golden(None, [])
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith((">> ", "<< ")):
            golden.steps.append(Step(number, line.startswith(">>"), line[3:]))
        elif line.startswith("$$") and golden == Golden(None, []):
            golden = Golden(line[2:].split(), [])
        elif line.strip() and not line.startswith("#"):
            raise ValueError(f"{path.name}:{number}: neither >> nor << nor a comment")
    return golden


def fits(expected: Any, actual: Any, kept: dict[str, Any]) -> bool:
    """Return whether a value matches a golden line; named values are put into `kept`."""
    if isinstance(expected, str) and (placeholder := PLACEHOLDER.fullmatch(expected)):
        kind, name = placeholder.groups()
        if name:
            kept[name] = actual
        return isinstance(actual, TYPES[kind]) and (kind in ("boolean", "any") or not isinstance(actual, bool))
    if isinstance(expected, dict) and isinstance(actual, dict):
        names = expected.keys() - {"..."}
        complete = "..." in expected or names == actual.keys()
        return complete and all(name in actual and fits(expected[name], actual[name], kept) for name in names)
    if isinstance(expected, list) and isinstance(actual, list):
        pairs = zip(expected, actual, strict=False)
        return len(expected) == len(actual) and all(fits(one, other, kept) for one, other in pairs)
    return type(expected) is type(actual) and bool(expected == actual)


class Conversation:
    """A conversation with one process; all its lines are in `heard`."""

    def __init__(self, process: RawProcess) -> None:
        self._process = process
        self._answers: deque[Any] = deque()
        self._notifications: deque[Any] = deque()
        self._kept: dict[str, Any] = {}
        self.heard: list[Any] = []

    def replay(self, step: Step) -> None:
        """Send the line, or wait for it; raises AssertionError for a different line."""
        text = re.sub(r"\$\{(\w+)\}", lambda name: str(self._kept[name[1]]), step.text)
        if step.goes_in:
            self._process.send(text.encode() + b"\n")
            return
        expected = json.loads(text)
        if isinstance(expected, dict) and "method" in expected:
            while not fits(expected, self._next(self._notifications), self._kept):
                continue
        else:
            actual = self._next(self._answers)
            assert fits(expected, actual, self._kept), f"line {step.number}: expected {text}\nbut got {actual}"

    def _next(self, wanted: deque[Any]) -> Any:
        while not wanted:
            message = self._process.receive()
            self.heard.append(message)
            is_notification = isinstance(message, dict) and "method" in message
            (self._notifications if is_notification else self._answers).append(message)
        return wanted.popleft()
