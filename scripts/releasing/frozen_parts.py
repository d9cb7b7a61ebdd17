"""The parts of the frozen folder as components of a bill of materials: Python, its packages, the native libraries."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import Distribution
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.component import Component, ComponentType
from freezing import native_components
from freezing.build import Bundle
from freezing.inventory import PYTHON
from freezing.licences import bundled_distributions, named_licence, native_libraries
from freezing.native_components import INSIDE, component_named
from packageurl import PackageURL

from releasing.checksums import sha256


def frozen_parts(bundle: Bundle) -> list[Component]:
    """Return the parts of a bundle. Raises MissingLicenceError for a native library of an unknown project."""
    return [
        python(),
        *(package(found) for found in bundled_distributions(bundle.inventory)),
        *(
            library(project, [native_file(bundle.path / "_internal" / name, name) for name in sorted(set(names))])
            for project, names in native_libraries(bundle.inventory)
        ),
    ]


def python() -> Component:
    """Return the interpreter with its modules."""
    return Component(
        name=PYTHON,
        version=platform.python_version(),
        type=ComponentType.PLATFORM,
        licenses=[LicenseFactory().make_from_string("PSF-2.0")],
        purl=PackageURL("generic", name="python", version=platform.python_version()),
    )


def package(found: Distribution) -> Component:
    """Return a Python package with the licence that its metadata names, and the libraries that are linked into it."""
    licence = named_licence(found)
    return Component(
        name=found.name,
        version=found.version,
        type=ComponentType.LIBRARY,
        licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
        purl=PackageURL("pypi", name=found.name.lower().replace("_", "-"), version=found.version),
        components=[library(component_named(name)) for name in INSIDE.get(found.name, ())],
    )


def library(project: native_components.Component, files: Iterable[Component] = ()) -> Component:
    """Return a project of native libraries; the names of its files in the bundle carry the versions."""
    return Component(
        name=project.project,
        type=ComponentType.LIBRARY,
        licenses=[LicenseFactory().make_from_string(project.licence)],
        copyright=project.copyright,
        components=files,
    )


def native_file(file: Path, name: str) -> Component:
    """Return a native file with its checksum."""
    return Component(
        name=name, type=ComponentType.FILE, hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256(file))]
    )
