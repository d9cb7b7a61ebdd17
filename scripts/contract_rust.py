"""The contract for the Tauri shell: a Rust module, and the permissions that an app gives its pages."""

from __future__ import annotations

from collections.abc import Iterable

from sidecar.contract.errors import ContractError
from sidecar.contract.method import AnyMethod, Permission

LOG = "allow-camera-log"
DESCRIPTIONS: dict[Permission, str] = {
    "view": "Lists the cameras, shows them, follows them and their statistics, and ends them.",
    "streaming": "Keeps a camera open that no page shows.",
    "format": "Changes size and frame rate of a camera for all its viewers.",
    "photo": "Takes photos of an open camera.",
    "encoding": "Changes bitrate and frame rate for all viewers of a camera, and asks for keyframes.",
    "prompt": "Asks the system whether the app may use a camera.",
}
LOG_DESCRIPTION = "Reads the sidecar's log, which tells what all pages do."
CALL = "sidecar_call"
VIEW_COMMANDS = ("sidecar_listen", "sidecar_state")
LOG_COMMANDS = ("sidecar_log",)
"""Commands of the shell that are no methods of the contract."""

IDS = {"connection_id", "session_id"}

MODULE = """\
//! The methods that a page may call, generated from the contract by scripts/generate.py: do not edit.

/// A method that a page may call.
pub struct Method {{
    /// its name in the contract
    pub name: &'static str,
    /// the permission that allows it
    pub permission: &'static str,
    /// the names of its parameters, in their order by position
    pub params: &'static [&'static str],
    /// whether its result can name a connection or session that is new to the page
    pub names_new: bool,
}}

/// An error of the contract that the shell returns, too.
pub struct ErrorKind {{
    pub code: i64,
    pub kind: &'static str,
    pub hint: &'static str,
}}

/// Every method but those that only the app itself may call ({others}).
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


def shell_module(methods: Iterable[AnyMethod], errors: Iterable[type[ContractError]]) -> str:
    """Return the text of the Rust module."""
    rows = [row(method) for method in methods if method.permission is not None]
    others = sorted(method.name for method in methods if method.permission is None)
    return MODULE.format(
        others=", ".join(others),
        count=len(rows),
        methods="\n".join(rows),
        errors="\n\n".join(map(error_constant, errors)),
    )


def identifier_of(permission: Permission) -> str:
    """Return Tauri's identifier of a permission of the contract."""
    return f"allow-camera-{permission}"


def row(method: AnyMethod) -> str:
    """Return a method as a row of METHODS."""
    assert method.permission is not None
    params = method.params.model_fields
    listed = ", ".join(f'"{name}"' for name in params)
    required = {name for name, param in params.items() if param.is_required()}
    names_new = not method.result_names_ended and bool((IDS & method.result.model_fields.keys()) - required)
    return (
        f'    Method {{ name: "{method.name}", permission: "{identifier_of(method.permission)}", '
        f"params: &[{listed}], names_new: {str(names_new).lower()} }},"
    )


def error_constant(error: type[ContractError]) -> str:
    """Return an error of the contract as a Rust constant."""
    return ERROR.format(name=error.kind.upper(), code=error.code, kind=error.kind, hint=error.default_hint)


def permissions(methods: Iterable[AnyMethod]) -> str:
    """Return the text of the file of permissions.

    The scope names the methods that each permission allows `sidecar_call` to call.
    """
    text = "# The permissions of pages, generated from the contract by scripts/generate.py: do not edit.\n"
    for permission, description in DESCRIPTIONS.items():
        names = [method.name for method in methods if method.permission == permission]
        commands = [CALL, *(VIEW_COMMANDS if permission == "view" else ()), *names]
        text += _permission(identifier_of(permission), description, commands)
        text += "".join(f'\n[[permission.scope.allow]]\nmethod = "{name}"\n' for name in names)
    return text + _permission(LOG, LOG_DESCRIPTION, LOG_COMMANDS)


def _permission(identifier: str, description: str, commands: Iterable[str]) -> str:
    listed = "\n".join(f'  "{command}",' for command in commands)
    return PERMISSION.format(identifier=identifier, description=description, commands=listed)
