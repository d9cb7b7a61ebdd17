"""The Tauri app: how cargo checks, tests and builds it, with everything it makes outside the checkout."""

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
# As the Tauri CLI builds a bundle: the page is in the program, so that no server is needed.
LIKE_A_BUNDLE = ("--features", "tauri/custom-protocol")
BUILD_LIMIT = 3600.0  # seconds; the first time some 400 crates are compiled
NEEDED = {
    "cargo": "Rust",
    "pkg-config": "pkg-config",
    "Xvfb": "Xvfb",
    "dbus-run-session": "D-Bus",
    "WebKitWebDriver": "WebKitGTK's WebDriver",
}


def target_directory() -> Path:
    """Where cargo keeps what it makes. Named `target`: only there does an app find its resources beside it."""
    return cache_directory() / "cargo" / "target"


def why_no_app() -> str | None:
    """Why the app cannot be built and run under test here; None when it can."""
    if sys.platform != "linux":
        return "the app is tested on Linux"
    missing = [name for program, name in NEEDED.items() if shutil.which(program) is None]
    return f"not installed: {', '.join(missing)}" if missing else why_no_rust()


def why_no_rust() -> str | None:
    """Why the Rust here cannot build the app; None when it can. Debian's own is too old, rustup's has it all."""
    needed = tomllib.loads(MANIFEST.read_text("utf-8"))["package"]["rust-version"]
    advice = "https://rustup.rs installs it"
    found = re.match(r"cargo (\d+)\.(\d+)", answer_of("cargo", "--version"))
    if found is None or [int(part) for part in found.groups()] < [int(part) for part in needed.split(".")]:
        return f"Rust {needed} or newer is needed, this is {found[0] if found else 'broken'}: {advice}"
    missing = [part for part in ("clippy", "fmt") if not answer_of("cargo", part, "--version")]
    return f"not installed: cargo {' and '.join(missing)}: {advice}" if missing else None


def answer_of(*command: str) -> str:
    """What a program prints; nothing when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def cargo(command: str, *arguments: str) -> list[str]:
    """The command line of a cargo command that compiles."""
    places = ["--manifest-path", str(MANIFEST), "--target-dir", str(target_directory())]
    return ["cargo", command, "--locked", *places, *arguments]


def app_program() -> Path:
    """The program that `cargo build` makes."""
    return target_directory() / "debug" / PROGRAM


def bundle_command(node_modules: Path, configuration: str) -> list[str]:
    """The command line that makes the Debian package of a debug build; `configuration` (JSON) goes over the files'."""
    tauri = ["node", str(node_modules / "@tauri-apps" / "cli" / "tauri.js")]
    configurations = ["--config", str(MANIFEST.parent / "tauri.bundle.conf.json"), "--config", configuration]
    environment = ["env", "--chdir", str(SHELL), f"CARGO_TARGET_DIR={target_directory()}", "CI=true"]
    return [*environment, *tauri, "build", "--debug", "--bundles", "deb", *configurations]


def deb_package() -> Path:
    """The Debian package that `bundle_command` makes."""
    (package,) = (target_directory() / "debug" / "bundle" / "deb").glob("*.deb")
    return package
