from __future__ import annotations

import select
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "linux":
    from sidecar.cameras.linux.inotify import DeviceNodeEvents
else:
    pytest.skip("inotify is Linux's", allow_module_level=True)

assert sys.platform == "linux"

LIMIT = 10.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in place of /dev."""
    return tmp_path


@pytest.fixture
def events(folder: Path) -> Iterator[DeviceNodeEvents]:
    events = DeviceNodeEvents(str(folder))
    yield events
    events.close()


def is_readable(events: DeviceNodeEvents) -> bool:
    return bool(select.select([events], [], [], 0)[0])


def test_a_node_that_comes_changes_is_renamed_or_goes_makes_a_look_due(events: DeviceNodeEvents, folder: Path) -> None:
    node = folder / "video2"
    assert not events.take()
    node.touch()
    assert is_readable(events)
    assert events.take()
    assert not is_readable(events)
    node.chmod(0o660)
    assert events.take()
    node.rename(folder / "hidden")
    assert events.take()
    (folder / "hidden").rename(node)
    assert events.take()
    node.unlink()
    assert events.take()
    assert not events.take()


def test_other_devices_and_the_use_of_a_camera_make_no_look_due(events: DeviceNodeEvents, folder: Path) -> None:
    node = folder / "video0"
    node.touch()
    events.take()
    (folder / "ttyUSB0").touch()
    (folder / "sda1").touch()
    node.read_bytes()
    node.write_bytes(b"")
    assert not events.take()


def test_a_camera_among_many_other_devices_is_seen(events: DeviceNodeEvents, folder: Path) -> None:
    for number in range(200):
        (folder / f"tty{number}").touch()
    (folder / "video0").touch()
    assert events.take()


def test_events_that_were_lost_make_a_look_due(events: DeviceNodeEvents, folder: Path) -> None:
    longest = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if longest > 50_000:
        pytest.skip("this system's queue is too long to fill")
    for number in range(longest // 2 + 2):  # created and deleted; two in a row that are alike would be one
        path = folder / f"tty{number % 2}"
        path.touch()
        path.unlink()
    assert events.take()
    while is_readable(events):
        events.take()


def test_a_folder_that_goes_ends_the_events(folder: Path) -> None:
    inner = folder / "dev"
    inner.mkdir()
    events = DeviceNodeEvents(str(inner))
    inner.rmdir()
    with pytest.raises(OSError, match="No such device"):
        events.take()
    events.close()


def test_a_folder_that_is_not_there_is_an_error_and_leaves_no_descriptor(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(FileNotFoundError):
        DeviceNodeEvents(str(tmp_path / "missing"))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_folder_with_endless_events_is_read_a_bounded_number_of_times(folder: Path) -> None:
    events = DeviceNodeEvents(str(folder), buffer=32, reads_at_once=2)  # one event fits into a buffer
    for number in range(4):
        (folder / f"tty{number}").touch()
    is_due, is_left = events.take(), is_readable(events)
    events.close()
    assert (is_due, is_left) == (False, True)
