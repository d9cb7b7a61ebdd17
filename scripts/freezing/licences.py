"""Writes THIRD_PARTY_LICENSES: the authors of all parts of the bundle, and their terms.

Raises MissingLicenceError for a bundled distribution without a licence file and for a native library that
native_components.py does not know: every shipped part has known terms.
"""

from __future__ import annotations

import platform
import re
import sysconfig
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePosixPath

from freezing.inventory import OURS, PYTHON, SYSTEM, Item
from freezing.native_components import INSIDE, Component, component_named, component_of

TEXTS = Path(__file__).with_name("licence_texts")
LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice)", re.IGNORECASE)
NATIVE_KIND = "BINARY"
RULE = "=" * 100

OWN_NOTE = """\
camera-sidecar itself: MIT OR Apache-2.0, at your choice (the files LICENSE-MIT and LICENSE-APACHE). Copyright The
camera-sidecar authors. The parts that are bundled with it have their own terms, which follow."""

GPL_NOTE = """\
The encoders {files} are free software under the GNU General Public License, version 2 or any later version
(GPL-2.0-or-later); there is no other licence for them here. The program encodes with x264, through FFmpeg, which was
built here under version 3 of the GNU Lesser General Public License. A distributor of this bundle distributes a work
that contains these encoders, and must keep to the GNU General Public License, version 3, for the bundle as a whole:
among other things, distribute these terms with it, and give or offer to each recipient the complete source code of
x264, of x265, of FFmpeg and of the program. Commercial licences for both encoders can be bought from their authors
(x264.org/licensing, x265.com); a bundle made with these needs another build of PyAV and FFmpeg. H.264 is also covered
by patents in some countries; no licence below gives a right to them."""


class MissingLicenceError(Exception):
    """The terms of a part of the bundle are unknown; the text names it."""


def write_licences(file: Path, inventory: Sequence[Item]) -> None:
    """Write the report. Raises MissingLicenceError."""
    sections = [preface(inventory), *python_section(), *distribution_sections(inventory)]
    sections += [native_section(inventory), *text_sections()]
    file.write_text(f"\n\n{RULE}\n".join(sections) + "\n", encoding="utf-8")


def preface(inventory: Sequence[Item]) -> str:
    """Return the first section: the program's own licence, and the GNU General Public License."""
    names = {PurePosixPath(item.name).name for item in inventory}
    encoders = sorted(name for name in names if re.match(r"(lib)?x26[45][-.]", name))
    note = GPL_NOTE.format(files=" and ".join(encoders)) if encoders else "There is no x264 or x265 in this bundle."
    title = "Licences of camera-sidecar and of what is bundled with it"
    return f"{title}\n\n{OWN_NOTE}\n\nThe GNU General Public License applies\n\n{note}"


def python_section() -> list[str]:
    """Return the section of Python: its libraries and modules."""
    places = [Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"]
    places += [Path(f"/usr/share/doc/python3.{platform.python_version_tuple()[1]}/copyright")]
    text = next((place.read_text("utf-8") for place in places if place.is_file()), None)
    if text is None:
        raise MissingLicenceError("Python's own licence file is not installed.")
    return [f"Python {platform.python_version()}\nPSF-2.0, python.org\n\n{text}"]


# -- Python packages --------------------------------------------------------------------------------------------------


def distribution_sections(inventory: Iterable[Item]) -> list[str]:
    """Return a section for each distribution in the bundle."""
    return [distribution_section(found) for found in bundled_distributions(inventory)]


def bundled_distributions(inventory: Iterable[Item]) -> list[Distribution]:
    """Return the distributions in the bundle, and PyInstaller, whose loader starts the program."""
    names = {item.owner for item in inventory} - {OURS, PYTHON, SYSTEM} | {"pyinstaller"}
    return [distribution(name) for name in sorted(names)]


def distribution_section(found: Distribution) -> str:
    """Return the name, version, licence, home page and installed licence texts of a distribution."""
    texts = licence_texts(found)
    if not texts:
        raise MissingLicenceError(f"{found.name} has no licence file: it cannot be shipped.")
    terms = f"{named_licence(found) or 'see below'}, {home(found.metadata.get_all('Project-URL'))}"
    inside = [f"Linked into it: {describe(component_named(name))}" for name in INSIDE.get(found.name, ())]
    return "\n".join([f"{found.name} {found.version}", terms, *inside, "", *texts])


def named_licence(found: Distribution) -> str:
    """Return the licence that a distribution's metadata names, in one line; empty when it names none."""
    metadata = found.metadata
    named = [*(metadata.get_all("License-Expression") or []), *(metadata.get_all("License") or [])]
    licence = named[0] if named else classified(metadata.get_all("Classifier"))
    return next(iter(licence.strip().splitlines()), "")


def licence_texts(found: Distribution) -> list[str]:
    """Return the licence files of a distribution."""
    texts = []
    for file in found.files or []:
        path = Path(str(file.locate()))
        if (
            LICENCE_FILE.search(file.name)
            and file.suffix in ("", ".txt", ".md", ".rst", ".APACHE", ".BSD")
            and path.is_file()
        ):
            texts.append(f"--- {file.name}\n\n{path.read_text('utf-8', errors='replace').strip()}\n")
    return texts


def classified(classifiers: Sequence[str] | None) -> str:
    """Return the licence that the trove classifiers name."""
    found = [one.rpartition(" :: ")[2] for one in classifiers or () if one.startswith("License ::")]
    return ", ".join(found)


def home(urls: Sequence[str] | None) -> str:
    """Return the home page of a project."""
    return (urls or ["see its metadata"])[0].rpartition(", ")[2]


# -- native libraries -------------------------------------------------------------------------------------------------


def native_section(inventory: Iterable[Item]) -> str:
    """Return the list of all shared libraries, by project."""
    lines = [
        f"{describe(component)}\n    {', '.join(sorted({PurePosixPath(name).name for name in names}))}"
        for component, names in native_libraries(inventory)
    ]
    return "Native libraries; the texts of their licences follow\n\n" + "\n".join(lines)


def native_libraries(inventory: Iterable[Item]) -> list[tuple[Component, list[str]]]:
    """Return the projects of the shared libraries with their files in the bundle, in the order of the projects' names.

    Raises MissingLicenceError for a library of an unknown project.
    """
    files: dict[Component, list[str]] = {}
    for item in inventory:
        if item.kind == NATIVE_KIND and not is_pythons(item):
            component = component_of(item.name)
            if component is None:
                raise MissingLicenceError(f"{item.name}: native_components.py does not name its project.")
            files.setdefault(component, []).append(item.name)
    return sorted(files.items(), key=lambda pair: pair[0].project.lower())


def is_pythons(item: Item) -> bool:
    """Return whether a library is a part of Python or of a distribution: the sections above have their terms."""
    name = PurePosixPath(item.name)
    own_module = item.owner not in (PYTHON, SYSTEM) and not (
        name.parent.name.endswith(".libs") or name.name.startswith("lib")
    )
    return own_module or name.name.startswith(("libpython", "Python", "python3"))


def describe(component: Component) -> str:
    """Return a component in one line."""
    return f"{component.project}: {component.licence}. Copyright {component.copyright}. {component.source}"


def text_sections() -> list[str]:
    """Return the texts that several components share. Sections above have those of libpng and of the GCC runtime."""
    return [f"{file.stem}\n\n{file.read_text('utf-8').rstrip()}" for file in sorted(TEXTS.glob("*.txt"))]
