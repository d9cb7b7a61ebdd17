"""The contract's methods as a Rust module, made from the OpenRPC document: what the shell lets a page call."""

from __future__ import annotations

from typing import Any

NOT_FOR_PAGES = {"shutdown"}
"""The app's own to call."""

MODULE = """\
//! What the contract lets a page call, generated from it by scripts/generate.py: do not edit.

/// Every method but those that are the app's own to call ({others}).
pub const CALLABLE: [&str; {count}] = [
{methods}
];
"""


def allow_list(document: dict[str, Any]) -> str:
    """The text of the module."""
    methods = ["rpc.discover", *(method["name"] for method in document["methods"])]  # the first is OpenRPC's own
    callable_ = [name for name in methods if name not in NOT_FOR_PAGES]
    return MODULE.format(
        others=", ".join(sorted(NOT_FOR_PAGES)),
        count=len(callable_),
        methods="\n".join(f'    "{name}",' for name in callable_),
    )
