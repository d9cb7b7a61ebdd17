"""Grey pictures in the encodings that network cameras send, cut into RTP payloads."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias, cast

import av
import numpy as np

SIZE = (64, 48)
CLOCK_RATE = 90_000
LONGEST_PAYLOAD = 200
"""Bytes; so short that even small pictures need fragments."""

EncodingName: TypeAlias = Literal["H264", "H265", "MP4V-ES", "JPEG"]

_ENCODERS = {"H264": "libx264", "H265": "libx265", "MP4V-ES": "mpeg4", "JPEG": "mjpeg"}
_OPTIONS = {
    "H264": {"tune": "zerolatency", "preset": "ultrafast", "x264-params": "annexb=1:info=0:keyint=1000"},
    "H265": {"tune": "zerolatency", "preset": "ultrafast", "x265-params": "log-level=none:info=0:keyint=1000:wpp=0"},
    "MP4V-ES": {},
    "JPEG": {"huffman": "default"},
}


@dataclass(frozen=True)
class EncodedPictures:
    """Pictures as RTP payloads, and the lines of the description that belong to them.

    `payloads` has the payloads of each picture; `parameter_sets` are in the description and in `payloads`.
    """

    payload_type: int
    payloads: list[list[bytes]]
    lines: list[str]
    lines_without_sets: list[str]


def encoded_pictures(encoding: EncodingName, count: int, *, in_band: bool = True) -> EncodedPictures:
    """`count` pictures, 20 steps of luma apart for the first ten, then again; noise makes them long enough to cut."""
    data, extradata = _encoded(encoding, count)
    return {"H264": _h264, "H265": _h265, "MP4V-ES": _mpeg4, "JPEG": _jpeg}[encoding](data, extradata, in_band)


def _encoded(encoding: str, count: int) -> tuple[list[bytes], bytes]:
    encoder = cast(av.VideoCodecContext, av.CodecContext.create(_ENCODERS[encoding], "w"))
    encoder.width, encoder.height = SIZE
    encoder.pix_fmt = "yuvj420p" if encoding == "JPEG" else "yuv420p"
    encoder.time_base = Fraction(1, 30)
    encoder.options = _OPTIONS[encoding]
    if encoding == "MP4V-ES":
        encoder.flags |= av.codec.context.Flags.global_header
    noise = np.random.default_rng(1).integers(-4, 5, (SIZE[1], SIZE[0]))
    pictures = []
    for number in range(count):
        picture = av.VideoFrame(*SIZE, format=encoder.pix_fmt)
        for plane, value in zip(picture.planes, (40 + 20 * (number % 10), 128, 128), strict=True):
            rows = np.full((plane.height, plane.line_size), value, np.int64)
            if value != 128:
                rows[:, : SIZE[0]] += noise
            plane.update(rows.astype(np.uint8).tobytes())
        picture.pts = number
        pictures.append(b"".join(bytes(cast(bytes, packet)) for packet in encoder.encode(picture)))
    return pictures, encoder.extradata or b""


def nal_units(data: bytes) -> list[bytes]:
    """The NAL units of a byte stream in Annex B form."""
    return [unit for part in data.split(b"\0\0\1") if (unit := part.strip(b"\0"))]


def _nal_payloads(
    pictures: list[bytes],
    kind: Callable[[bytes], int],
    keep: Callable[[int], bool],
    cut: Callable[[bytes], list[bytes]],
) -> list[list[bytes]]:
    units = [[unit for unit in nal_units(data) if keep(kind(unit))] for data in pictures]
    return [[payload for unit in each for payload in cut(unit)] for each in units]


def _h264(pictures: list[bytes], extradata: bytes, in_band: bool) -> EncodedPictures:
    sets = [unit for unit in nal_units(pictures[0]) if unit[0] & 31 in (7, 8)]
    wanted = (1, 5, 7, 8) if in_band else (1, 5)
    payloads = _nal_payloads(pictures, lambda unit: unit[0] & 31, lambda kind: kind in wanted, cut_h264)
    text = ",".join(base64.b64encode(unit).decode() for unit in sets)
    lines = [f"a=rtpmap:96 H264/{CLOCK_RATE}", "a=fmtp:96 packetization-mode=1"]
    return EncodedPictures(96, payloads, [lines[0], f"{lines[1]};sprop-parameter-sets={text}"], lines)


def _h265(pictures: list[bytes], extradata: bytes, in_band: bool) -> EncodedPictures:
    sets = {unit[0] >> 1 & 63: unit for unit in nal_units(pictures[0])}
    wanted = {32, 33, 34} if in_band else set()
    payloads = _nal_payloads(
        pictures, lambda unit: unit[0] >> 1 & 63, lambda kind: kind < 32 or kind in wanted, cut_h265
    )
    names = {"sprop-vps": 32, "sprop-sps": 33, "sprop-pps": 34}
    text = ";".join(f"{name}={base64.b64encode(sets[kind]).decode()}" for name, kind in names.items())
    rtpmap = f"a=rtpmap:96 H265/{CLOCK_RATE}"
    return EncodedPictures(96, payloads, [rtpmap, f"a=fmtp:96 {text}"], [rtpmap])


def _mpeg4(pictures: list[bytes], extradata: bytes, in_band: bool) -> EncodedPictures:
    payloads = [pieces(data) for data in pictures]
    rtpmap = f"a=rtpmap:96 MP4V-ES/{CLOCK_RATE}"
    return EncodedPictures(96, payloads, [rtpmap, f"a=fmtp:96 profile-level-id=1;config={extradata.hex()}"], [rtpmap])


def _jpeg(pictures: list[bytes], extradata: bytes, in_band: bool) -> EncodedPictures:
    return EncodedPictures(26, [cut_jpeg(data) for data in pictures], [], [])


def pieces(data: bytes) -> list[bytes]:
    """Pieces of LONGEST_PAYLOAD bytes at most."""
    return [data[at : at + LONGEST_PAYLOAD] for at in range(0, len(data), LONGEST_PAYLOAD)]


def cut_h264(unit: bytes) -> list[bytes]:
    """A NAL unit as it is, or as FU-A (RFC 6184, section 5.8)."""
    if len(unit) <= LONGEST_PAYLOAD:
        return [unit]
    parts = pieces(unit[1:])
    kinds = [
        unit[0] & 31 | (0x80 if at == 0 else 0) | (0x40 if at == len(parts) - 1 else 0) for at in range(len(parts))
    ]
    return [bytes((unit[0] & 0xE0 | 28, kind)) + part for kind, part in zip(kinds, parts, strict=True)]


def cut_h265(unit: bytes) -> list[bytes]:
    """A NAL unit as it is, or as FU (RFC 7798, section 4.4.3)."""
    if len(unit) <= LONGEST_PAYLOAD:
        return [unit]
    parts = pieces(unit[2:])
    own = unit[0] >> 1 & 63
    kinds = [own | (0x80 if at == 0 else 0) | (0x40 if at == len(parts) - 1 else 0) for at in range(len(parts))]
    header = bytes((unit[0] & 0x81 | 49 << 1, unit[1]))
    return [header + bytes((kind,)) + part for kind, part in zip(kinds, parts, strict=True)]


def cut_jpeg(data: bytes) -> list[bytes]:
    """A baseline JPEG of 4:2:0 as RFC 2435, section 3 says: restart intervals if it has some, tables in the stream."""
    tables, restart, at = [], b"", 2
    while data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4])
        if data[at + 1] == 0xDB:
            segment = data[at + 4 : at + 2 + length]
            tables += [segment[start + 1 : start + 65] for start in range(0, len(segment), 65)]
        if data[at + 1] == 0xDD:
            restart = data[at + 4 : at + 6] + b"\xff\xff"
        at += 2 + length
    scan = data[at + 2 + int.from_bytes(data[at + 2 : at + 4]) :].removesuffix(b"\xff\xd9")
    joined = b"".join((tables * 2)[:2])
    payloads, offset = [], 0
    for piece in pieces(scan):
        header = struct.pack("!IBBBB", offset, 65 if restart else 1, 255, SIZE[0] // 8, SIZE[1] // 8) + restart
        quantisation = struct.pack("!BBH", 0, 0, len(joined)) + joined if offset == 0 else b""
        payloads.append(header + quantisation + piece)
        offset += len(piece)
    return payloads
