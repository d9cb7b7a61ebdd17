from __future__ import annotations

import ctypes
import mmap
import sys
from pathlib import Path

import pytest

if sys.platform == "linux":
    from sidecar.cameras.linux.mappings import mappings_of, unmap
    from sidecar.cameras.platforms import current_platform
else:
    pytest.skip("V4L2 is Linux's", allow_module_level=True)

assert sys.platform == "linux"

SIZE = 2 * mmap.PAGESIZE


def forgotten_mapping(path: Path) -> None:
    """Map a file, as libavdevice maps a driver's buffers, and leak the mapping."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    with path.open("r+b") as file:
        address = libc.mmap(None, ctypes.c_size_t(SIZE), mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), 0)
    assert address not in (None, ctypes.c_void_p(-1).value)


@pytest.fixture
def device(tmp_path: Path) -> Path:
    path = tmp_path / "a device"
    path.write_bytes(bytes(SIZE))
    return path


def test_mappings_are_found_also_when_the_file_is_gone(device: Path) -> None:
    assert mappings_of(str(device)) == frozenset()
    forgotten_mapping(device)
    ((start, end),) = mappings_of(str(device))
    assert end - start == SIZE
    device.unlink()
    assert mappings_of(str(device)) == {(start, end)}
    unmap(mappings_of(str(device)))
    assert mappings_of(str(device)) == frozenset()


def test_only_the_mappings_of_a_failed_opening_are_unmapped(device: Path) -> None:
    forgotten_mapping(device)  # another camera object's, in use
    used = mappings_of(str(device))
    with current_platform().opening_node(str(device)) as node:
        forgotten_mapping(device)
        node.failed()
    assert mappings_of(str(device)) == used
    unmap(used)
