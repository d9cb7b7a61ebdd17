"""The cargo commands that check, test and build the Tauri app, with the build folder outside the checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from environment import EnvironmentFailedError, cache_directory
from node_packages import SHELL
from progress import run_showing_life

MANIFEST = SHELL / "src-tauri" / "Cargo.toml"
CRATE = "tauri-plugin-camera-sidecar"
PROGRAM = "camera-sidecar-shell"
# As the Tauri CLI builds a bundle: the page is part of the program and needs no server.
LIKE_A_BUNDLE = ("--features", "tauri/custom-protocol")
BUILD_LIMIT = 3600.0  # seconds; the first build compiles about 400 crates
BUNDLES = {"linux": ("deb", "*.deb"), "darwin": ("dmg", "*.dmg"), "win32": ("nsis", "*-setup.exe")}
"""The package for each system: the Tauri CLI's name of its kind, and a pattern of its file."""

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


def build_bundle(node_modules: Path, *options: str) -> Path:
    """Build the app's package for this system with the Tauri CLI, and return the file.

    `options` are those of `tauri build`; with `--debug` it is built without optimisation. Raises
    EnvironmentFailedError, also when the frozen program is missing.
    """
    kind, pattern = BUNDLES[sys.platform]
    packages = target_directory() / ("debug" if "--debug" in options else "release") / "bundle" / kind
    shutil.rmtree(packages, ignore_errors=True)  # those of earlier versions
    (SHELL / "dist").mkdir(exist_ok=True)  # the CLI looks for it before the app's build script puts the pages there
    tauri = ["node", str(node_modules / "@tauri-apps" / "cli" / "tauri.js"), "build", "--bundles", kind]
    configuration = ["--config", str(MANIFEST.parent / "tauri.bundle.conf.json")]
    done = run_showing_life(
        "Building the app",
        [*tauri, *configuration, *options],
        timeout=BUILD_LIMIT,
        folder=SHELL,
        environment=os.environ | {"CARGO_TARGET_DIR": str(target_directory()), "CI": "true"},
    )
    if done.exit_code != 0:
        raise EnvironmentFailedError(f"{done.output[-3000:]}\ntauri build failed.")
    (package,) = packages.glob(pattern)
    return package
