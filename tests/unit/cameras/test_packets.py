"""Taking the packets of a container, without leaking them."""

from __future__ import annotations

from pathlib import Path

import av
import psutil
import pytest

from sidecar.cameras.packets import take_packet
from tests.support.videos import write_video

PACKETS = 10
WARM_UP, ROUNDS = 100, 1500
LEVEL = 1024 * 1024
"""The allowed growth in bytes. A generator that is never closed leaks 256 bytes, which is 4 MB after all rounds."""


def take_all(path: Path) -> None:
    with av.open(str(path)) as container:
        for _ in range(PACKETS):
            take_packet(container, container.streams.video[0])


def test_packets_that_are_taken_one_by_one_leave_no_memory_behind(tmp_path: Path) -> None:
    path = write_video(tmp_path / "video.mkv", count=PACKETS)
    process = psutil.Process()
    for _ in range(WARM_UP):
        take_all(path)
    before = process.memory_info().rss
    for _ in range(ROUNDS):
        take_all(path)
    assert process.memory_info().rss - before < LEVEL


def test_packets_keep_their_content_when_the_container_is_closed(tmp_path: Path) -> None:
    path = write_video(tmp_path / "video.mkv", count=4)
    with av.open(str(path)) as container:
        expected = [(packet.pts, bytes(packet)) for packet in container.demux(video=0)][:4]
    with av.open(str(path)) as container:
        taken = [take_packet(container, container.streams.video[0]) for _ in range(4)]
    assert [(packet.pts, bytes(packet)) for packet in taken] == expected


def test_an_error_of_the_container_is_told(tmp_path: Path) -> None:
    path = write_video(tmp_path / "video.mkv", count=4)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
    with pytest.raises(AssertionError, match="not open"):
        take_packet(container, stream)
