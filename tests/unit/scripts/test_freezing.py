"""scripts/freezing: the parts that are left out or changed, and the reasons to refuse a build."""

from __future__ import annotations

import _ctypes
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import av.codec.codec as av_codec
import cryptography.hazmat.bindings._rust as cryptography_rust
import pytest
from freezing import build_information, licences, report
from freezing.contents import Entry, without_unneeded
from freezing.docstrings import without_docstrings
from freezing.elf import linkage, loaded_image, with_strings_replaced
from freezing.inventory import Item
from freezing.native_components import component_of
from freezing.sharing import fits, replacements
from freezing.strip import stripped
from freezing.target import target_triple

from sidecar import build_information as shown

OLD, NEW = "libavcodec-c4204469.so.62.28.101", "libavcodec-5e6b81c2.so.62.28.102"
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="ELF is Linux's")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A copy of a real native module."""
    return Path(shutil.copy(_ctypes.__file__, tmp_path / "module.so"))


def test_links_at_the_top_and_metadata_stay_out_and_the_rest_goes_in() -> None:
    kept: list[Entry] = [
        ("cv2/cv2.abi3.so", "/a", "EXTENSION"),
        ("libz.so.1", "/b", "BINARY"),
        ("jsonrpcserver/request-schema.json", "/c", "DATA"),
        ("rubicon_objc-0.5.7.dist-info/METADATA", "/f", "DATA"),
    ]
    dropped: list[Entry] = [
        ("libavcodec.so", "av.libs/libavcodec.so", "SYMLINK"),
        ("numpy-2.4.6.dist-info/METADATA", "/d", "DATA"),
        ("numpy/_core/_simd.cpython-311-x86_64-linux-gnu.so", "/e", "EXTENSION"),
    ]
    assert without_unneeded([*kept, *dropped]) == kept


@pytest.mark.parametrize(
    ("version", "wanted", "expected"),
    [
        ("62.28.102", "62.28.101", True),
        ("62.28.101", "62.28.101", True),
        ("62.3.9", "62.28.1", False),
        ("63.1", "62.1", False),
    ],
)
def test_a_library_fits_with_the_same_major_version_and_when_it_is_no_older(
    version: str, wanted: str, expected: bool
) -> None:
    assert fits(version, wanted) is expected


def test_opencv_gets_pyav_s_ffmpeg_only_when_every_library_of_it_fits() -> None:
    two: list[Entry] = [
        (f"opencv_python_headless.libs/{OLD}", "", "BINARY"),
        (f"av.libs/{NEW}", "", "BINARY"),
        ("opencv_python_headless.libs/libavif-43e630fc.so.16.4.2", "", "BINARY"),
    ]
    assert replacements(two) == {OLD: NEW}
    assert replacements([*two, ("opencv_python_headless.libs/libswscale-fe215b0b.so.9.5.101", "", "BINARY")]) == {}


@linux_only
@pytest.mark.skipif(shutil.which("readelf") is None, reason="binutils is not installed")
@pytest.mark.parametrize("module", [_ctypes, cryptography_rust, av_codec], ids=lambda module: module.__name__)
def test_the_linkage_of_a_module_agrees_with_readelf(module: ModuleType) -> None:
    assert module.__file__ is not None
    said = subprocess.check_output(["readelf", "-dW", module.__file__], text=True)
    needed = tuple(re.findall(r"\(NEEDED\) +Shared library: \[(.+)\]", said))
    search = [folders.split(":") for folders in re.findall(r"\((?:RPATH|RUNPATH)\) +Library \w+: \[(.+)\]", said)]
    found = linkage(Path(module.__file__))
    assert needed
    assert (found.needed, found.search) == (needed, tuple(folder for folders in search for folder in folders))


@linux_only
def test_the_name_of_a_needed_library_can_be_replaced(library: Path, tmp_path: Path) -> None:
    needed = linkage(library).needed
    old = needed[0]
    changed = tmp_path / "changed.so"
    changed.write_bytes(with_strings_replaced(library.read_bytes(), {old: "a.so"}))
    assert linkage(changed).needed == ("a.so", *needed[1:])
    assert changed.stat().st_size == library.stat().st_size


@linux_only
def test_a_name_that_has_no_room_is_refused(library: Path) -> None:
    old = linkage(library).needed[0]
    with pytest.raises(ValueError, match="no room"):
        with_strings_replaced(library.read_bytes(), {old: old + "longer"})


@linux_only
@pytest.mark.skipif(shutil.which("strip") is None, reason="binutils is not installed")
def test_a_stripped_module_loads_as_before(library: Path, tmp_path: Path) -> None:
    ((_, copy, _),) = stripped([("some/module.so", str(library), "EXTENSION")], tmp_path / "stripped")
    if copy == str(library):  # this Python came stripped
        return
    assert Path(copy).stat().st_size < library.stat().st_size
    assert loaded_image(Path(copy)) == loaded_image(library)
    subprocess.run([sys.executable, "-c", f"import ctypes; ctypes.CDLL({copy!r})"], check=True)


@linux_only
def test_a_changed_byte_of_the_loaded_image_is_noticed(library: Path) -> None:
    before = loaded_image(library)
    image = bytearray(library.read_bytes())
    place = image.index(b"PyInit__ctypes")
    image[place] ^= 1
    library.write_bytes(image)
    assert loaded_image(library) != before


def test_an_unknown_native_library_stops_the_build(tmp_path: Path) -> None:
    stranger = Item("libstranger.so.1", "/usr/lib/libstranger.so.1", "BINARY", "system")
    with pytest.raises(licences.MissingLicenceError, match=r"libstranger\.so\.1"):
        licences.write_licences(tmp_path / "licences", [stranger])


def test_x264_and_its_licence_are_spelt_out(tmp_path: Path) -> None:
    x264 = Item("av.libs/libx264-d6533a8d.so.165", "", "BINARY", "av")
    licences.write_licences(tmp_path / "licences", [x264])
    text = re.sub(r"\s+", " ", (tmp_path / "licences").read_text("utf-8"))
    assert "The encoders libx264-d6533a8d.so.165 are free software under the GNU General Public License" in text
    assert "x264: GPL-2.0-or-later. Copyright" in text
    assert "GNU GENERAL PUBLIC LICENSE Version 3, 29 June 2007" in text


def test_libraries_are_known_by_their_names_on_every_system() -> None:
    for name in ("av.libs/libavcodec-5e6b81c2.so.62.28.102", "av/.dylibs/libavcodec.62.28.102.dylib", "avcodec-62.dll"):
        component = component_of(name)
        assert component is not None
        assert component.project == "FFmpeg"


def test_a_package_without_a_reason_is_named() -> None:
    inventory = [Item("rich/__init__", "", "PYMODULE", "rich"), Item("av/_core", "", "EXTENSION", "av")]
    assert report.unknown(inventory) == ["rich"]


def test_the_target_is_named_as_rustc_names_it() -> None:
    assert re.fullmatch(r"\w+-(unknown-linux-(gnu|musl)\w*|apple-darwin|pc-windows-msvc)", target_triple())


def test_the_date_of_a_build_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert build_information.date() == "2023-11-14"


def test_a_sidecar_from_source_says_so() -> None:
    assert shown.describe() == "source"


def test_a_frozen_sidecar_tells_how_it_was_built(tmp_path: Path) -> None:
    build = shown.describe(build_information.write_build_information(tmp_path))
    assert re.fullmatch(r"commit \S+, date \d{4}-\d\d-\d\d, target \S+, Python 3\.\S+, FFmpeg .*, aiortc \S+", build)


DOCUMENTED = '''
"""A module."""
class Kind:
    """A class."""
    def method(self):
        """A method."""
        return lambda: 1
def function(first, second=2):
    """A function."""
    def inside():
        """A function inside."""
        return "inside"
    return inside
def same():
    "one text"
    return "one text"
def plain():
    return 1
'''


def test_the_functions_of_libraries_lose_only_their_docstrings() -> None:
    code = compile(DOCUMENTED, "library", "exec")
    stripped_code = without_docstrings({"library.module": code})["library.module"]
    assert stripped_code is not None
    names: dict[str, Any] = {}
    exec(stripped_code, names)
    function, kind = names["function"], names["Kind"]
    assert (names["__doc__"], kind.__doc__) == ("A module.", "A class.")
    assert [each.__doc__ for each in (function, function(1), kind.method)] == [None] * 3
    assert (function(1)(), kind().method()(), names["same"](), names["plain"]()) == ("inside", 1, "one text", 1)
    assert function.__defaults__ == (2,)


@pytest.mark.parametrize("name", ["sidecar.contract.types", "numpy", "cv2.utils"])
def test_a_package_whose_docstrings_are_read_keeps_them(name: str) -> None:
    code = compile(DOCUMENTED, "library", "exec")
    assert without_docstrings({name: code, "native": None}) == {name: code, "native": None}
