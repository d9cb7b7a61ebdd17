"""The target triple in rustc's form; Tauri looks for `<name>-<triple>` when it bundles a program (externalBin)."""

from __future__ import annotations

import platform
import sys

MACHINES = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64", "x86": "i686", "armv7l": "armv7"}
"""Names of Python that differ from rustc's."""


def target_triple() -> str:
    """Return the triple of this system. Raises ValueError for a system that the sidecar does not know."""
    name = platform.machine().lower()
    machine = MACHINES.get(name, name)
    if sys.platform == "linux":
        return f"{machine}-unknown-linux-{linux_library(machine)}"
    if sys.platform == "darwin":
        return f"{machine}-apple-darwin"
    if sys.platform == "win32":
        return f"{machine}-pc-windows-msvc"
    raise ValueError(f"no target triple is known for {sys.platform}")


def linux_library(machine: str) -> str:
    """Return the last part of the triple on Linux."""
    library = "gnu" if platform.libc_ver()[0] == "glibc" else "musl"
    return library + "eabihf" * (machine == "armv7")


def executable_suffix() -> str:
    """Return the suffix of program files."""
    return ".exe" if sys.platform == "win32" else ""
