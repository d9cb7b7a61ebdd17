"""The dependencies of the Tauri plugin's crate as components of a bill of materials."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.component import Component, ComponentType
from packageurl import PackageURL
from shell_app import CRATE, MANIFEST

from releasing.failure import ReleaseFailedError

METADATA_LIMIT = 120.0  # seconds; cargo may have to download the sources of the crates

Package = Mapping[str, Any]


def crate_parts() -> list[Component]:
    """Return the crates that are linked into an app with the plugin, on any platform. Raises ReleaseFailedError."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--manifest-path", str(MANIFEST)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=METADATA_LIMIT)
    if done.returncode != 0:
        raise ReleaseFailedError(f"{done.stderr[-3000:]}\ncargo metadata failed.")
    metadata = json.loads(done.stdout)
    checksums = locked_checksums(Path(metadata["workspace_root"]) / "Cargo.lock")
    return [component(package, checksums) for package in linked_packages(metadata)]


def linked_packages(metadata: Package) -> list[Package]:
    """Return the crate's dependencies in alphabetical order, without build and test dependencies."""
    packages = {package["id"]: package for package in metadata["packages"]}
    neighbours = {node["id"]: list(normal_dependencies(node)) for node in metadata["resolve"]["nodes"]}
    (root,) = (package["id"] for package in packages.values() if package["name"] == CRATE)
    found, waiting = {root}, [root]
    while waiting:
        new = set(neighbours[waiting.pop()]) - found
        found |= new
        waiting += new
    return sorted((packages[one] for one in found - {root}), key=lambda package: (package["name"], package["version"]))


def normal_dependencies(node: Package) -> Iterable[str]:
    """Return the ids of the packages that are linked with a package; build and test dependencies are not."""
    return (one["pkg"] for one in node["deps"] if any(kind["kind"] is None for kind in one["dep_kinds"]))


def locked_checksums(lock: Path) -> dict[tuple[str, str], str]:
    """Return the SHA-256 of each crate in a lock, by name and version."""
    packages = tomllib.loads(lock.read_text("utf-8"))["package"]
    return {(one["name"], one["version"]): one["checksum"] for one in packages if "checksum" in one}


def component(package: Package, checksums: Mapping[tuple[str, str], str]) -> Component:
    """Return a crate with its licence and the checksum of its file."""
    name, version = package["name"], package["version"]
    checksum = checksums.get((name, version))
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        licenses=[LicenseFactory().make_from_string(package["license"])] if package["license"] else [],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=checksum)] if checksum else [],
        purl=PackageURL("cargo", name=name, version=version),
    )
