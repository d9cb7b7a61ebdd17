"""The cargo commands that check, test and build the Tauri app, with the build folder outside the checkout."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from environment import cache_directory
from node_packages import SHELL

MANIFEST = SHELL / "src-tauri" / "Cargo.toml"
PROGRAM = "camera-sidecar-shell"
# As the Tauri CLI builds a bundle: the page is part of the program and needs no server.
LIKE_A_BUNDLE = ("--features", "tauri/custom-protocol")
BUILD_LIMIT = 3600.0  # seconds; the first build compiles about 400 crates
NEEDED = {
    "cargo": "Rust",
    "pkg-config": "pkg-config",
    "Xvfb": "Xvfb",
    "dbus-run-session": "D-Bus",
    "WebKitWebDriver": "WebKitGTK's WebDriver",
}


def target_directory() -> Path:
    """Return cargo's build folder. An app finds its resources beside it only in a folder named `target`."""
    return cache_directory() / "cargo" / "target"


def why_no_app() -> str | None:
    """Return why the app cannot be built and tested here, None when it can."""
    if sys.platform != "linux":
        return "the app is tested on Linux"
    missing = [name for program, name in NEEDED.items() if shutil.which(program) is None]
    return f"not installed: {', '.join(missing)}" if missing else why_no_rust()


def why_no_rust() -> str | None:
    """Return why the installed Rust cannot build the app, None when it can. Debian's Rust is too old; rustup's fits."""
    needed = tomllib.loads(MANIFEST.read_text("utf-8"))["package"]["rust-version"]
    advice = "https://rustup.rs installs it"
    found = re.match(r"cargo (\d+)\.(\d+)", answer_of("cargo", "--version"))
    if found is None or [int(part) for part in found.groups()] < [int(part) for part in needed.split(".")]:
        return f"Rust {needed} or newer is needed, this is {found[0] if found else 'broken'}: {advice}"
    missing = [part for part in ("clippy", "fmt") if not answer_of("cargo", part, "--version")]
    return f"not installed: cargo {' and '.join(missing)}: {advice}" if missing else None


def answer_of(*command: str) -> str:
    """Return the standard output of a command; empty when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def cargo(command: str, *arguments: str) -> list[str]:
    """Return the command line of a cargo command that compiles."""
    places = ["--manifest-path", str(MANIFEST), "--target-dir", str(target_directory())]
    return ["cargo", command, "--locked", *places, *arguments]


def app_program() -> Path:
    """Return the path of the program that `cargo build` makes."""
    return target_directory() / "debug" / PROGRAM


def bundle_command(node_modules: Path, configuration: str) -> list[str]:
    """Return the command line for the Debian package of a debug build; `configuration` (JSON) overrides the files."""
    tauri = ["node", str(node_modules / "@tauri-apps" / "cli" / "tauri.js")]
    configurations = ["--config", str(MANIFEST.parent / "tauri.bundle.conf.json"), "--config", configuration]
    environment = ["env", "--chdir", str(SHELL), f"CARGO_TARGET_DIR={target_directory()}", "CI=true"]
    return [*environment, *tauri, "build", "--debug", "--bundles", "deb", *configurations]


def deb_package() -> Path:
    """Return the path of the Debian package that `bundle_command` makes."""
    (package,) = (target_directory() / "debug" / "bundle" / "deb").glob("*.deb")
    return package
