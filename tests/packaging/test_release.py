"""scripts/release.py: the bills of materials, the archive of a folder, and the checksums."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation import make_schemabased_validator
from environment import ROOT, RUNTIME_LOCK
from freezing.build import Bundle
from freezing.inventory import Item
from freezing.licences import MissingLicenceError
from freezing.target import target_triple
from node_packages import why_no_node
from releasing.archive import pack, pack_tar, pack_zip
from releasing.bills import frozen_bill, npm_bill, python_bill, rust_bill
from releasing.checksums import write_checksums
from releasing.failure import ReleaseFailedError, run
from releasing.packages import pack_crate, pack_npm_package
from shell_app import CRATE, MANIFEST, why_no_rust

from sidecar import __version__

pytestmark = pytest.mark.timeout(300)  # npm and cargo may have to download


def read_bill(file: Path) -> dict[str, Any]:
    """A bill of materials, which must be valid CycloneDX."""
    text = file.read_text("utf-8")
    errors = make_schemabased_validator(OutputFormat.JSON, SchemaVersion.V1_6).validate_str(text)
    assert errors is None
    bill: dict[str, Any] = json.loads(text)
    return bill


def versions(bill: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["name"], one["version"]) for one in bill["components"]}


def test_the_bill_of_the_wheel_names_each_locked_package(tmp_path: Path) -> None:
    bill = read_bill(python_bill(tmp_path))
    locked = re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", RUNTIME_LOCK.read_text("utf-8"), re.MULTILINE)
    assert versions(bill) == set(locked)
    assert bill["metadata"]["component"]["version"] == __version__


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """A small folder in the form of a frozen one."""
    folder = tmp_path / "camera-sidecar"
    (folder / "_internal").mkdir(parents=True)
    program = folder / "camera-sidecar"
    program.write_bytes(b"program")
    program.chmod(0o755)
    (folder / "_internal" / "libx264-1.so.165").write_bytes(b"x264")
    items = [
        Item("sidecar", "", "PYMODULE", "camera-sidecar"),
        Item("subprocess", "", "PYMODULE", "Python"),
        Item("aiortc", "", "PYMODULE", "aiortc"),
        Item("pylibsrtp", "", "PYMODULE", "pylibsrtp"),
        Item("libx264-1.so.165", "", "BINARY", "av"),
    ]
    return Bundle(folder, program, items)


def test_the_bill_of_the_frozen_folder_names_python_its_packages_and_the_native_files(
    bundle: Bundle, tmp_path: Path
) -> None:
    file = frozen_bill(bundle, tmp_path)
    assert file.name == f"camera-sidecar-{__version__}-{target_triple()}.cdx.json"
    bill = read_bill(file)
    parts = {one["name"]: one for one in bill["components"]}
    assert set(parts) == {"Python", "aiortc", "av", "pyinstaller", "pylibsrtp", "x264"}
    assert {one["name"] for one in parts["pylibsrtp"]["components"]} == {"OpenSSL", "libsrtp"}
    assert parts["aiortc"]["purl"] == "pkg:pypi/aiortc@1.16.0"
    assert parts["x264"]["licenses"] == [{"license": {"id": "GPL-2.0-or-later"}}]
    (x264,) = parts["x264"]["components"]
    assert x264["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(b"x264").hexdigest()}]
    assert bill["metadata"]["component"]["licenses"] == [{"expression": "MIT OR Apache-2.0"}]


def test_a_native_library_of_an_unknown_project_stops_the_bill(bundle: Bundle, tmp_path: Path) -> None:
    bundle.inventory.append(Item("libnobody-1.so", "", "BINARY", "av"))
    with pytest.raises(MissingLicenceError, match=r"libnobody-1\.so"):
        frozen_bill(bundle, tmp_path)


def test_the_archive_has_the_version_and_the_target_in_its_name(bundle: Bundle, tmp_path: Path) -> None:
    suffix = "zip" if sys.platform == "win32" else "tar.gz"
    assert pack(bundle.path, tmp_path).name == f"camera-sidecar-{__version__}-{target_triple()}.{suffix}"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission to run a file")
def test_a_tar_archive_keeps_the_permission_to_run_and_names_no_user(bundle: Bundle, tmp_path: Path) -> None:
    pack_tar(bundle.path, tmp_path / "archive.tar.gz")
    with tarfile.open(tmp_path / "archive.tar.gz") as archive:
        members = {member.name: member for member in archive}
    assert stat.S_IMODE(members["camera-sidecar/camera-sidecar"].mode) == 0o755
    assert stat.S_IMODE(members["camera-sidecar/_internal/libx264-1.so.165"].mode) == 0o644
    assert {(member.uid, member.gid, member.uname, member.gname) for member in members.values()} == {(0, 0, "", "")}


@pytest.mark.parametrize("pack_into", [pack_tar, pack_zip])
def test_two_archives_of_the_same_files_are_alike(bundle: Bundle, tmp_path: Path, pack_into: Any) -> None:
    archives = [tmp_path / "one", tmp_path / "other"]
    for age, archive in enumerate(archives):
        os.utime(bundle.program, (1e9 + age, 1e9 + age))
        pack_into(bundle.path, archive)
    assert archives[0].read_bytes() == archives[1].read_bytes()


def test_a_zip_archive_has_all_files(bundle: Bundle, tmp_path: Path) -> None:
    pack_zip(bundle.path, tmp_path / "archive.zip")
    with zipfile.ZipFile(tmp_path / "archive.zip") as archive:
        assert archive.read("camera-sidecar/camera-sidecar") == b"program"
        assert archive.read("camera-sidecar/_internal/libx264-1.so.165") == b"x264"
        assert len(archive.namelist()) == 2


def test_the_checksums_are_those_of_all_files_but_their_own(tmp_path: Path) -> None:
    (tmp_path / "b.whl").write_bytes(b"wheel")
    (tmp_path / "a.tar.gz").write_bytes(b"archive")
    write_checksums(tmp_path)
    lines = write_checksums(tmp_path).read_text("utf-8").splitlines()
    assert lines == [
        f"{hashlib.sha256(b'archive').hexdigest()}  a.tar.gz",
        f"{hashlib.sha256(b'wheel').hexdigest()}  b.whl",
    ]


def test_checksums_of_nothing_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReleaseFailedError, match="make the parts of the release first"):
        write_checksums(tmp_path)


def test_a_command_that_fails_is_an_error_with_its_output(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no such crate')"]
    with pytest.raises(ReleaseFailedError, match=r"no such crate\n*\s*Packing: it failed"):
        run("Packing", command, tmp_path)


def test_the_archive_of_a_folder_that_was_not_frozen_is_an_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "releasing", "frozen", "--dist", str(tmp_path)]
    places = os.pathsep.join([str(ROOT), str(ROOT / "scripts")])
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "PYTHONPATH": places}
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"There is no build in {tmp_path}: run scripts/freeze.py first.")


@pytest.mark.skipif(why_no_rust() is not None, reason=why_no_rust() or "")
def test_the_crate_holds_its_sources_its_permissions_and_the_licences_only(tmp_path: Path) -> None:
    with tarfile.open(pack_crate(tmp_path, "--no-verify", "--allow-dirty")) as archive:
        files = {str(PurePosixPath(*PurePosixPath(one.name).parts[1:])) for one in archive if one.isfile()}
    beside = {"Cargo.toml", "Cargo.toml.orig", "Cargo.lock", "README.md", "build.rs", "commands.rs"}
    beside |= {"LICENSE-MIT", "LICENSE-APACHE", ".cargo_vcs_info.json"}
    plugin = MANIFEST.parent.parent / "plugin"
    inside = {path for folder in ("src", "permissions") for path in (plugin / folder).rglob("*") if path.is_file()}
    assert files == beside | {path.relative_to(plugin).as_posix() for path in inside}


@pytest.mark.skipif(why_no_rust() is not None, reason=why_no_rust() or "")
def test_the_bill_of_the_crate_names_what_is_linked_with_it(tmp_path: Path) -> None:
    bill = read_bill(rust_bill(tmp_path))
    parts = {one["name"]: one for one in bill["components"]}
    assert parts["tauri"]["licenses"] == [{"expression": "Apache-2.0 OR MIT"}]
    assert parts["tauri"]["hashes"][0]["alg"] == "SHA-256"
    assert {"serde", "tokio", "windows-sys", "rustix"} <= set(parts)
    assert {"tauri-build", CRATE} & set(parts) == set()


@pytest.mark.skipif(why_no_node() is not None, reason=why_no_node() or "")
def test_the_npm_package_and_its_bill_have_the_version_and_no_dependency(tmp_path: Path) -> None:
    assert pack_npm_package(tmp_path).name == f"camera-sidecar-{__version__}.tgz"
    bill = json.loads(npm_bill(tmp_path).read_text("utf-8"))
    assert bill["metadata"]["component"]["purl"] == f"pkg:npm/camera-sidecar@{__version__}"
    assert bill["components"] == []
