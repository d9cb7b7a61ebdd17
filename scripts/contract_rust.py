"""The contract as the shell needs it: a Rust module, and the permissions that an app gives its pages."""

from __future__ import annotations

from collections.abc import Iterable

from sidecar.contract.errors import ContractError
from sidecar.contract.methods import Method

NOT_FOR_PAGES = {"shutdown"}
"""The app's own to call."""

VIEW = "allow-camera-view"
LOG = "allow-camera-log"
FINER = {
    "start_streaming": "allow-camera-streaming",
    "set_encoding": "allow-camera-encoding",
    "request_keyframe": "allow-camera-encoding",
    "request_camera_permission": "allow-camera-prompt",
}
"""Methods that showing a camera does not need, and the permission of each; all others belong to VIEW."""

DESCRIPTIONS = {
    VIEW: "Lists the cameras, shows them, follows them and their statistics, and ends them.",
    "allow-camera-streaming": "Keeps a camera open that no page shows.",
    "allow-camera-encoding": "Changes bitrate and frame rate for all viewers of a camera, and asks for keyframes.",
    "allow-camera-prompt": "Asks the system whether the app may use a camera.",
    LOG: "Reads the sidecar's log, which tells what all pages do.",
}
CALL = "sidecar_call"
SHELL_COMMANDS = {VIEW: ("sidecar_listen", "sidecar_state"), LOG: ("sidecar_log",)}
"""Commands of the shell that are no methods of the contract."""

IDS = {"connection_id", "session_id"}
ENDING = {"close_connection", "stop_streaming"}
"""Methods whose results name what has ended."""

MODULE = """\
//! What the contract lets a page call, generated from it by scripts/generate.py: do not edit.

/// A method that a page may call.
pub struct Method {{
    /// its name in the contract
    pub name: &'static str,
    /// the permission that allows it
    pub permission: &'static str,
    /// the names of its parameters, in their order by position
    pub params: &'static [&'static str],
    /// whether its result can name a connection or session that the page has not known before
    pub names_new: bool,
}}

/// An error of the contract that the shell gives, too.
pub struct ErrorKind {{
    pub code: i64,
    pub kind: &'static str,
    pub hint: &'static str,
}}

/// Every method but those that are the app's own to call ({others}).
#[rustfmt::skip] // a row for each
pub const METHODS: [Method; {count}] = [
{methods}
];

{errors}
"""

ERROR = """\
#[rustfmt::skip] // however long its hint is
pub const {name}: ErrorKind = ErrorKind {{
    code: {code},
    kind: "{kind}",
    hint: "{hint}",
}};"""

PERMISSION = """
[[permission]]
identifier = "{identifier}"
description = "{description}"
commands.allow = [
{commands}
]
"""


def shell_module(methods: Iterable[Method], errors: Iterable[type[ContractError]]) -> str:
    """Return the text of the Rust module."""
    rows = [row(method) for method in callable_by_pages(methods)]
    return MODULE.format(
        others=", ".join(sorted(NOT_FOR_PAGES)),
        count=len(rows),
        methods="\n".join(rows),
        errors="\n\n".join(map(error_constant, errors)),
    )


def callable_by_pages(methods: Iterable[Method]) -> list[Method]:
    """Return the methods that pages may call."""
    return [method for method in methods if method.name not in NOT_FOR_PAGES]


def permission_of(method: Method) -> str:
    """Return the identifier of the permission that allows a method."""
    return FINER.get(method.name, VIEW)


def row(method: Method) -> str:
    """Return a method as a row of METHODS."""
    params = method.params.model_fields
    listed = ", ".join(f'"{name}"' for name in params)
    required = {name for name, param in params.items() if param.is_required()}
    names_new = method.name not in ENDING and bool((IDS & method.result.model_fields.keys()) - required)
    return (
        f'    Method {{ name: "{method.name}", permission: "{permission_of(method)}", '
        f"params: &[{listed}], names_new: {str(names_new).lower()} }},"
    )


def error_constant(error: type[ContractError]) -> str:
    """Return an error of the contract as a Rust constant."""
    return ERROR.format(name=error.kind.upper(), code=error.code, kind=error.kind, hint=error.default_hint)


def permissions(methods: Iterable[Method]) -> str:
    """Return the text of the file of permissions.

    The scope names the methods that each permission allows `sidecar_call` to call.
    """
    text = "# What a page may be allowed, generated from the contract by scripts/generate.py: do not edit.\n"
    for identifier, description in DESCRIPTIONS.items():
        names = [each.name for each in callable_by_pages(methods) if permission_of(each) == identifier]
        commands = [*([CALL] if names else []), *SHELL_COMMANDS.get(identifier, ()), *names]
        listed = "\n".join(f'  "{command}",' for command in commands)
        text += PERMISSION.format(identifier=identifier, description=description, commands=listed)
        text += "".join(f'\n[[permission.scope.allow]]\nmethod = "{name}"\n' for name in names)
    return text
