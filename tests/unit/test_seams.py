"""The tests use public seams: policies are injected and no constant of ours is patched; private members stay private.

Both guards read the syntax trees of tests/ and know no types: a private name counts as the sidecar's when the sidecar
defines it.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

import pytest
from environment import ROOT

TESTS = ROOT / "tests"
OURS = {"sidecar", *(path.stem for path in (ROOT / "scripts").iterdir())}
PATCHING = ("setattr", "object", "setitem")
BY_NAME = (*PATCHING, "patch", "getattr", "hasattr", "delattr", "delitem", "attrgetter", "methodcaller")
"""Functions that take the name of a member as text."""

LIBRARIES: dict[str, set[str]] = {
    "network/inside/mdns.py": {"_check_list", "_connection", "_remote_candidates"},
    "support/peers.py": {"_closing", "_connection", "_protocols"},
    "unit/statistics/test_quality.py": {"_fields"},
    "unit/webrtc/ice/test_local_peers.py": {"_protocols"},
    "unit/webrtc/ice/test_strangers.py": {"_create_ssl_context", "_protocols", "_queue"},
}
"""Private members of libraries that the sidecar has under the same name: aiortc and aioice, named tuples."""


def trees() -> Iterator[tuple[str, ast.Module]]:
    """The path below tests/ and the syntax tree of each file."""
    for path in sorted(TESTS.rglob("*.py")):
        yield path.relative_to(TESTS).as_posix(), ast.parse(path.read_text("utf-8"))


def imported_names(tree: ast.Module) -> dict[str, str]:
    """The qualified name of each name that a module imports."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
            names |= {root: root for alias in node.names if not alias.asname for root in [alias.name.split(".")[0]]}
    return names


def qualified(node: ast.expr, names: dict[str, str]) -> str:
    """The qualified name of an imported module, class or constant; empty for any other expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Attribute):
        base = qualified(node.value, names)
        return base and f"{base}.{node.attr}"
    return names.get(node.id, "") if isinstance(node, ast.Name) else ""


def patched_constants(tree: ast.Module) -> set[str]:
    """The qualified names of our own constants that a module sets: `setattr`, `patch.object`, `patch`, or by `=`."""
    names = imported_names(tree)
    targets: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            function = called(node)
            if function in PATCHING and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                targets.append(f"{qualified(node.args[0], names)}.{node.args[1].value!s}")
            if function in (*PATCHING, "patch"):
                targets.append(qualified(node.args[0], names))
        elif isinstance(node, ast.Assign | ast.AugAssign):
            written = node.targets if isinstance(node, ast.Assign) else [node.target]
            targets += [qualified(target, names) for target in written if isinstance(target, ast.Attribute)]
    return {name for name in targets if name.split(".")[0] in OURS and name.rpartition(".")[2].isupper()}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_"


def private_members_of_the_sidecar() -> set[str]:
    """The private names that classes and modules of the sidecar define."""
    found: set[str] = set()
    for path in (ROOT / "sidecar").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
                found.add(node.attr)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
    return {name for name in found if is_private(name)}


def private_accesses(tree: ast.Module) -> set[str]:
    """The private members that a module uses of other objects than its own: by attribute, import or text.

    Programs of the sidecar that stand in the module as text count, too.
    """
    return {name for node in ast.walk(tree) for name in names_used(node) if is_private(name)}


def names_used(node: ast.AST) -> list[str]:
    """The names of members that one node of a syntax tree uses."""
    if isinstance(node, ast.Attribute):
        return [] if is_own_object(node.value) else [node.attr]
    if isinstance(node, ast.ImportFrom):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.Call) and called(node) in BY_NAME:
        return [last_name(argument) for argument in node.args]
    if isinstance(node, ast.Subscript) and is_dictionary_of_members(node.value):
        return [last_name(node.slice)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and "import" in node.value:
        return [name for inner in ast.walk(program(node.value)) for name in names_used(inner)]
    return []


def program(text: str) -> ast.Module:
    """The syntax tree of a text; an empty one if it is no Python that imports the sidecar."""
    try:
        tree = ast.parse(textwrap.dedent(text))
    except SyntaxError:
        return ast.parse("")
    imports_sidecar = any(name.split(".")[0] == "sidecar" for name in imported_names(tree).values())
    return tree if imports_sidecar else ast.parse("")


def is_own_object(node: ast.expr) -> bool:
    """Return whether an expression is `self`, `cls` or `super()`."""
    if isinstance(node, ast.Call):
        return called(node) == "super"
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def called(call: ast.Call) -> str:
    """The name of a called function or method; empty for the result of another expression."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def last_name(node: ast.expr) -> str:
    """The last name of a dotted text; empty for any other expression."""
    return node.value.rpartition(".")[2] if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def is_dictionary_of_members(node: ast.expr) -> bool:
    """Return whether an expression is `vars(…)` or `….__dict__`."""
    if isinstance(node, ast.Call):
        return called(node) == "vars"
    return isinstance(node, ast.Attribute) and node.attr == "__dict__"


def test_no_constant_of_ours_is_patched() -> None:
    found = {path: patched_constants(tree) for path, tree in trees()}
    assert {path: names for path, names in found.items() if names} == {}


def test_no_private_member_of_the_sidecar_is_used() -> None:
    members = private_members_of_the_sidecar()
    others = {path: tree for path, tree in trees() if path != "unit/test_seams.py"}  # its examples do
    found = {path: (private_accesses(tree) & members) - LIBRARIES.get(path, set()) for path, tree in others.items()}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "source",
    [
        "from sidecar.webrtc import peer as module\nmonkeypatch.setattr(module, 'TICK', 1)",
        "import sidecar.webrtc.peer\nmonkeypatch.setattr(sidecar.webrtc.peer, 'TICK', 1)",
        "monkeypatch.setattr('sidecar.webrtc.peer.TICK', 1)",
        "from sidecar.webrtc import peer\nwith patch.object(peer, 'TICK', 1): pass",
        "with patch('sidecar.webrtc.peer.TICK', 1): pass",
        "from sidecar.webrtc import peer\npeer.TICK = 1",
        "from sidecar.webrtc import peer\nmonkeypatch.setitem(peer.TICK, 'a', 1)",
    ],
)
def test_the_guard_finds_a_patched_constant(source: str) -> None:
    assert patched_constants(ast.parse(source)) == {"sidecar.webrtc.peer.TICK"}


@pytest.mark.parametrize(
    "source",
    [
        "from aiortc import clock\nmonkeypatch.setattr(clock, 'TICK', 1)",
        "from sidecar.webrtc import peer\nmonkeypatch.setattr(peer, 'Peer', None)",
        "TICK = 1",
    ],
)
def test_the_guard_leaves_libraries_and_other_names_alone(source: str) -> None:
    assert patched_constants(ast.parse(source)) == set()


@pytest.mark.parametrize(
    "source",
    [
        "peer._ice.current",
        "cast(A, peer)._ice = 1",
        "from sidecar.webrtc.peer import _ice",
        "getattr(peer, '_ice')",
        "monkeypatch.setattr(peer, '_ice', 1)",
        "monkeypatch.setattr('sidecar.webrtc.peer._ice', 1)",
        "with patch('sidecar.webrtc.peer._ice', 1): pass",
        "vars(peer)['_ice']",
        "peer.__dict__['_ice']",
        "run('from sidecar.webrtc.peer import Peer; Peer._ice = 1')",
    ],
)
def test_the_guard_finds_a_private_member(source: str) -> None:
    assert private_accesses(ast.parse(source)) == {"_ice"}
    assert "_ice" in private_members_of_the_sidecar()


def test_the_guard_leaves_own_members_and_public_ones_alone() -> None:
    tree = ast.parse("self._mine = super()._mine or peer.ice_agents\n_ = getattr(peer, 'stats').__dict__")
    assert private_accesses(tree) == set()


def test_every_listed_private_member_of_a_library_is_used() -> None:
    used = {path: private_accesses(tree) for path, tree in trees()}
    assert {
        path: names - used.get(path, set()) for path, names in LIBRARIES.items() if names - used.get(path, set())
    } == {}
