"""Encoded pictures for tests of what sends them."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
from av.video.frame import PictureType

from sidecar.media.access_unit import AccessUnit
from sidecar.media.h264.packetise import packetise, split_annex_b

WIDTH, HEIGHT = 320, 240


def encoded_pictures(count: int, *, keyframes: frozenset[int] = frozenset({0}), noise: bool = True) -> list[AccessUnit]:
    """`count` access units at 30 frames per second; noise makes each some packets long."""
    codec = av.CodecContext.create("libx264", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    codec.framerate, codec.time_base = Fraction(30), Fraction(1, 90_000)
    codec.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "crf": "28",
        "g": "3000",
        "forced-idr": "1",
        "x264-params": "repeat-headers=1:scenecut=0",
    }
    random = np.random.default_rng(1)
    units = []
    for number in range(count):
        picture = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
        if noise:
            picture[:HEIGHT] = random.integers(0, 255, (HEIGHT, WIDTH), np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts, frame.time_base = number * 3000, codec.time_base
        frame.pict_type = PictureType.I if number in keyframes else PictureType.NONE
        units += [_access_unit(bytes(packet), number, number in keyframes) for packet in codec.encode(frame)]
    return units


def stamped_now(unit: AccessUnit) -> AccessUnit:
    """The same unit, as if captured and encoded now."""
    now = time.monotonic()
    return replace(unit, captured_at=now, encoded_at=now, rtp_timestamp=int(now * 90_000) & 0xFFFFFFFF)


def _access_unit(data: bytes, number: int, keyframe: bool) -> AccessUnit:
    nal_units = tuple(split_annex_b(data))
    return AccessUnit(
        nal_units=nal_units,
        payloads=packetise(nal_units),
        keyframe=keyframe,
        rtp_timestamp=number * 3000,
        captured_at=number / 30,
        encoded_at=number / 30,
        width=WIDTH,
        height=HEIGHT,
    )
