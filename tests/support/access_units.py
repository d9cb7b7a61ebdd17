"""Encoded pictures for the tests of senders."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
from av.video.frame import PictureType

from sidecar.media.access_unit import AccessUnit
from sidecar.media.h264 import H264
from sidecar.media.h264.codec import H264Codec
from sidecar.media.h264.nal_units import split_annex_b

WIDTH, HEIGHT = 320, 240
TARGET_BITRATE = 2_500_000


class UncutCodec(H264Codec):
    """A codec whose RTP payloads are the NAL units as they are, for tests that count packets."""

    def packetise(self, nal_units: Sequence[bytes], max_payload: int) -> tuple[bytes, ...]:
        return tuple(nal_units)


UNCUT = UncutCodec()


def unit_of_payloads(
    *payloads: bytes, keyframe: bool = True, at: float = 0.0, target_bitrate: int = TARGET_BITRATE
) -> AccessUnit:
    """A unit of 16x16 pixels with exactly these RTP payloads, captured and encoded at the moment `at` (seconds)."""
    return AccessUnit(
        codec=UNCUT,
        nal_units=payloads,
        keyframe=keyframe,
        rtp_timestamp=round(at * 90_000) % 2**32,
        captured_at=at,
        encoded_at=at,
        width=16,
        height=16,
        target_bitrate=target_bitrate,
    )


def encoded_pictures(count: int, *, keyframes: frozenset[int] = frozenset({0}), noise: bool = True) -> list[AccessUnit]:
    """Return `count` access units at 30 frames per second; noise makes each several packets long."""
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
    """Return the same unit with the present time as its capture and encoding time."""
    now = time.monotonic()
    return replace(unit, captured_at=now, encoded_at=now, rtp_timestamp=int(now * 90_000) & 0xFFFFFFFF)


def _access_unit(data: bytes, number: int, keyframe: bool) -> AccessUnit:
    nal_units = tuple(split_annex_b(data))
    return AccessUnit(
        codec=H264,
        nal_units=nal_units,
        keyframe=keyframe,
        rtp_timestamp=number * 3000,
        captured_at=number / 30,
        encoded_at=number / 30,
        width=WIDTH,
        height=HEIGHT,
        target_bitrate=TARGET_BITRATE,
    )
