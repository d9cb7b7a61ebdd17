"""Video4Linux2 queries by ioctl: a device's identity, formats and state (linux/videodev2.h).

No function here starts a stream, so no camera's light goes on.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

assert sys.platform == "linux"

BUF_TYPE_VIDEO_CAPTURE = 1
MEMORY_MMAP = 1
CAP_VIDEO_CAPTURE = 0x00000001
CAP_DEVICE_CAPS = 0x80000000
TYPE_DISCRETE = 1
QUERY_FLAG = os.O_APPEND
"""The flag of descriptors for queries. A device ignores it; it distinguishes them from a library's descriptor."""

MAX_ENTRIES = 256
"""The largest number of entries that is read of one list of a driver, because a driver may never end its list."""


class Capability(ctypes.Structure):
    """struct v4l2_capability"""

    _fields_ = (
        ("driver", ctypes.c_char * 16),
        ("card", ctypes.c_char * 32),
        ("bus_info", ctypes.c_char * 32),
        ("version", ctypes.c_uint32),
        ("capabilities", ctypes.c_uint32),
        ("device_caps", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32 * 3),
    )


class FormatDescription(ctypes.Structure):
    """struct v4l2_fmtdesc"""

    _fields_ = (
        ("index", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("description", ctypes.c_char * 32),
        ("pixelformat", ctypes.c_uint32),
        ("mbus_code", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32 * 3),
    )


class FrameSize(ctypes.Structure):
    """struct v4l2_frmsizeenum; `numbers` is the union: width, height, or the six numbers of a stepwise range."""

    _fields_ = (
        ("index", ctypes.c_uint32),
        ("pixel_format", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("numbers", ctypes.c_uint32 * 6),
        ("reserved", ctypes.c_uint32 * 2),
    )


class FrameInterval(ctypes.Structure):
    """struct v4l2_frmivalenum; `numbers` is the union: one fraction, or the three of a stepwise range."""

    _fields_ = (
        ("index", ctypes.c_uint32),
        ("pixel_format", ctypes.c_uint32),
        ("width", ctypes.c_uint32),
        ("height", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("numbers", ctypes.c_uint32 * 6),
        ("reserved", ctypes.c_uint32 * 2),
    )


class RequestBuffers(ctypes.Structure):
    """struct v4l2_requestbuffers"""

    _fields_ = (
        ("count", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("memory", ctypes.c_uint32),
        ("capabilities", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
    )


_READ, _WRITE = 2, 1


def _request(direction: int, number: int, argument: type[ctypes.Structure]) -> int:
    """Return the number of an ioctl of type 'V' (asm-generic/ioctl.h)."""
    return direction << 30 | ctypes.sizeof(argument) << 16 | ord("V") << 8 | number


QUERYCAP = _request(_READ, 0, Capability)
ENUM_FMT = _request(_READ | _WRITE, 2, FormatDescription)
REQBUFS = _request(_READ | _WRITE, 8, RequestBuffers)
ENUM_FRAMESIZES = _request(_READ | _WRITE, 74, FrameSize)
ENUM_FRAMEINTERVALS = _request(_READ | _WRITE, 75, FrameInterval)


@dataclass(frozen=True, slots=True)
class Range:
    """A stepwise or continuous range; `low` equals `high` for a discrete value."""

    low: Fraction
    high: Fraction
    step: Fraction

    def __contains__(self, value: Fraction) -> bool:
        if not self.low <= value <= self.high:
            return False
        return self.step == 0 or (value - self.low) % self.step == 0


@dataclass(frozen=True, slots=True)
class Identity:
    """The capabilities of a device (VIDIOC_QUERYCAP)."""

    driver: str
    card: str
    bus_info: str
    captures_video: bool


@contextmanager
def opened(path: str) -> Iterator[int]:
    """Open the device for queries and yield its descriptor. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | QUERY_FLAG)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def identity(descriptor: int) -> Identity:
    """Return the identity of a device. Raises OSError when it is not a V4L2 device."""
    capability = Capability()
    fcntl.ioctl(descriptor, QUERYCAP, capability)
    flags = capability.device_caps if capability.capabilities & CAP_DEVICE_CAPS else capability.capabilities
    card, bus_info, driver = (
        text.decode("utf-8", "replace").strip() for text in (capability.card, capability.bus_info, capability.driver)
    )
    return Identity(driver, card, bus_info, bool(flags & CAP_VIDEO_CAPTURE))


def is_busy(descriptor: int) -> bool:
    """Return whether another descriptor streams from the device.

    It requests zero buffers, which has no effect on an idle device.
    """
    try:
        fcntl.ioctl(descriptor, REQBUFS, RequestBuffers(count=0, type=BUF_TYPE_VIDEO_CAPTURE, memory=MEMORY_MMAP))
    except OSError as error:
        return error.errno == errno.EBUSY
    return False


def fourccs(descriptor: int) -> Iterator[str]:
    """Yield the pixel formats as FourCC (VIDIOC_ENUM_FMT)."""
    for index in range(MAX_ENTRIES):
        entry = FormatDescription(index=index, type=BUF_TYPE_VIDEO_CAPTURE)
        if not _enumerated(descriptor, ENUM_FMT, entry):
            return
        code = entry.pixelformat & 0x7FFFFFFF  # the top bit means big endian
        yield code.to_bytes(4, "little").decode("latin-1")


def frame_sizes(descriptor: int, fourcc: str) -> Iterator[tuple[Range, Range]]:
    """Yield widths and heights (VIDIOC_ENUM_FRAMESIZES); a discrete size is a range of one value."""
    for index in range(MAX_ENTRIES):
        entry = FrameSize(index=index, pixel_format=_code(fourcc))
        if not _enumerated(descriptor, ENUM_FRAMESIZES, entry):
            return
        numbers = [Fraction(number) for number in entry.numbers]
        if entry.type == TYPE_DISCRETE:
            yield _exactly(numbers[0]), _exactly(numbers[1])
        else:
            yield Range(*numbers[:3]), Range(*numbers[3:])
            return


def frame_intervals(descriptor: int, fourcc: str, width: int, height: int) -> Iterator[Range]:
    """Yield frame intervals in seconds (VIDIOC_ENUM_FRAMEINTERVALS); a discrete interval is a range of one value."""
    for index in range(MAX_ENTRIES):
        entry = FrameInterval(index=index, pixel_format=_code(fourcc), width=width, height=height)
        if not _enumerated(descriptor, ENUM_FRAMEINTERVALS, entry):
            return
        pairs = zip(entry.numbers[0::2], entry.numbers[1::2], strict=True)
        low, high, step = (Fraction(numerator, denominator or 1) for numerator, denominator in pairs)
        if entry.type == TYPE_DISCRETE:
            yield _exactly(low)
        else:
            yield Range(low, high, Fraction(0) if entry.type == 2 else step)
            return


def _enumerated(descriptor: int, request: int, entry: ctypes.Structure) -> bool:
    """Fill in an entry of a list; return False after the last one (EINVAL), or without a list (ENOTTY)."""
    try:
        fcntl.ioctl(descriptor, request, entry)
    except OSError:
        return False
    return True


def _code(fourcc: str) -> int:
    return int.from_bytes(fourcc.encode("latin-1"), "little")


def _exactly(value: Fraction) -> Range:
    return Range(value, value, Fraction(0))
