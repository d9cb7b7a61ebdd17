"""The packets of an open container."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, closing
from typing import TypeAlias, cast

import av
from av.container import InputContainer
from av.video.stream import VideoStream

Packet: TypeAlias = "av.Packet[VideoStream]"  # a string: only for type checkers it is generic


def packets_of(container: InputContainer, stream: VideoStream) -> AbstractContextManager[Generator[Packet, None, None]]:
    """What demux() gives, for a `with`: a generator of PyAV's that is only let go never frees its memory (18.1)."""
    return closing(cast("Generator[Packet, None, None]", container.demux(stream)))


def take_packet(container: InputContainer, stream: VideoStream) -> Packet:
    """The next packet, with memory of its own. Raises av.FFmpegError.

    V4L2's packets lie in the driver's buffers and must not outlive the container: freeing one later, which even a
    traceback can do, crashes. So nothing keeps the original, not even the generator.
    """
    with packets_of(container, stream) as packets:
        original = next(packets)
    packet = cast("Packet", av.Packet(original.size))  # with the padding that decoders want
    packet.update(cast(bytes, original))  # any buffer will do
    packet.pts = original.pts
    return packet
