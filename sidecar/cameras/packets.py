"""Packets of an open container (FFmpeg, AVPacket)."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, closing
from typing import TypeAlias, cast

import av
from av.container import InputContainer
from av.video.stream import VideoStream

Packet: TypeAlias = "av.Packet[VideoStream]"  # a string, because the class is generic for type checkers only


def packets_of(container: InputContainer, stream: VideoStream) -> AbstractContextManager[Generator[Packet, None, None]]:
    """Return a context manager with the packets of demux().

    It closes the generator: PyAV 18.1 never frees the memory of a generator that is neither exhausted nor closed.
    """
    return closing(cast("Generator[Packet, None, None]", container.demux(stream)))


def take_packet(container: InputContainer, stream: VideoStream) -> Packet:
    """Return a copy of the next packet. Raises av.FFmpegError.

    V4L2's packets lie in the driver's buffers and must not outlive the container. A packet that is freed later, even by
    a traceback, crashes the process. So no reference to the original packet remains, not even in the generator.
    """
    with packets_of(container, stream) as packets:
        original = next(packets)
    packet = cast("Packet", av.Packet(original.size))  # with the padding that decoders need
    packet.update(cast(bytes, original))  # accepts any buffer
    packet.pts = original.pts
    return packet
