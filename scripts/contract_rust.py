"""The contract for the Tauri plugin: a Rust module, the commands, and the permissions that an app gives its pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sidecar.contract.errors import ContractError
from sidecar.contract.method import AnyMethod, Permission

VIEW: Permission = "view"
DEFAULT: tuple[Permission, ...] = (VIEW, "format")
"""The permissions of the contract in the plugin's default: all that a viewer and `getUserMedia` need."""

DEFAULT_DESCRIPTION = (
    "Lists the cameras, shows them, follows them and their statistics, changes their format, and ends them."
)
SETS: dict[str, str] = {
    "streaming": "Keeps a camera open that no page shows.",
    "photo": "Takes photos of an open camera.",
    "encoding": "Changes bitrate and frame rate for all viewers of a camera, and asks for keyframes.",
    "prompt": "Asks the system whether the app may use a camera.",
    "log": "Reads the sidecar's log, which tells what all pages do.",
}
"""The other permissions: each is a set of the permissions of commands."""

OWN_COMMANDS = {"listen": VIEW, "state": VIEW, "log": "log"}
"""The commands of the plugin that are no methods of the contract, with their permissions."""

IDS = {"connection_id", "session_id"}
GENERATED = "generated from the contract by scripts/generate.py: do not edit."

MODULE = """\
//! The methods that a page may call, {generated}

/// A method that a page may call.
pub struct Method {{
    /// its name in the contract
    pub name: &'static str,
    /// the name of its command
    pub command: &'static str,
    /// the names of its parameters, in their order by position
    pub params: &'static [&'static str],
    /// whether its result can name a connection or session that is new to the page
    pub names_new: bool,
}}

/// An error of the contract that the plugin returns, too.
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

COMMANDS = """\
//! The commands of the plugin, {generated}

pub const COMMANDS: [&str; {count}] = [
{commands}
];
"""

PERMISSION_SET = """
[[set]]
identifier = "{identifier}"
description = "{description}"
permissions = [
{permissions}
]
"""

DEFAULT_PERMISSION = """\
# The default permission, {generated}

[default]
description = "{description}"
permissions = [
{permissions}
]
"""


def plugin_module(methods: Sequence[AnyMethod], errors: Iterable[type[ContractError]]) -> str:
    """Return the text of the Rust module."""
    rows = [row(method) for method in methods if method.permission is not None]
    others = sorted(method.name for method in methods if method.permission is None)
    return MODULE.format(
        generated=GENERATED,
        others=", ".join(others),
        count=len(rows),
        methods="\n".join(rows),
        errors="\n\n".join(map(error_constant, errors)),
    )


def row(method: AnyMethod) -> str:
    """Return a method as a row of METHODS."""
    params = method.params.model_fields
    listed = ", ".join(f'"{name}"' for name in params)
    required = {name for name, param in params.items() if param.is_required()}
    names_new = not method.result_names_ended and bool((IDS & method.result.model_fields.keys()) - required)
    return (
        f'    Method {{ name: "{method.name}", command: "{command_of(method.name)}", '
        f"params: &[{listed}], names_new: {str(names_new).lower()} }},"
    )


def error_constant(error: type[ContractError]) -> str:
    """Return an error of the contract as a Rust constant."""
    return ERROR.format(name=error.kind.upper(), code=error.code, kind=error.kind, hint=error.default_hint)


def command_of(method: str) -> str:
    """Return the name of a method's command: Tauri makes identifiers of permissions from it."""
    return method.replace(".", "_")


def permission_of(command: str) -> str:
    """Return the identifier of the permission that Tauri's build script makes for a command."""
    return f"allow-{command.replace('_', '-')}"


def commands(methods: Iterable[AnyMethod]) -> dict[str, str]:
    """Return the permission of the contract, or of the plugin, for each command."""
    return OWN_COMMANDS | {command_of(method.name): method.permission for method in methods if method.permission}


def commands_module(methods: Iterable[AnyMethod]) -> str:
    """Return the text of the module of the plugin's build script."""
    names = commands(methods)
    listed = "\n".join(f'    "{name}",' for name in names)
    return COMMANDS.format(generated=GENERATED, count=len(names), commands=listed)


def default_permission(methods: Iterable[AnyMethod]) -> str:
    """Return the text of the file with the default permission."""
    return DEFAULT_PERMISSION.format(
        generated=GENERATED, description=DEFAULT_DESCRIPTION, permissions=_permissions_of(DEFAULT, methods)
    )


def permission_sets(methods: Sequence[AnyMethod]) -> str:
    """Return the text of the file with the other sets of permissions."""
    sets = (
        PERMISSION_SET.format(
            identifier=identifier, description=description, permissions=_permissions_of((identifier,), methods)
        )
        for identifier, description in SETS.items()
    )
    return f"# The sets of permissions beside the default, {GENERATED}\n" + "".join(sets)


def _permissions_of(permissions: Sequence[str], methods: Iterable[AnyMethod]) -> str:
    allowed = (command for command, its in commands(methods).items() if its in permissions)
    return "\n".join(f'  "{permission_of(command)}",' for command in allowed)
