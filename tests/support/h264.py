"""Reads H.264 independently of the sidecar's code: a decoder, and a parser of the SPS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from sidecar.media.frame import Plane


class Decoder:
    """FFmpeg's decoder without delay."""

    def __init__(self) -> None:
        context = av.CodecContext.create("h264", "r")
        assert isinstance(context, VideoCodecContext)
        context.thread_count = 1
        self._context = context

    def decode(self, nal_units: Iterable[bytes]) -> list[av.VideoFrame]:
        """The pictures that come out at once."""
        data = b"".join(b"\0\0\0\1" + nal_unit for nal_unit in nal_units)
        return self._context.decode(av.Packet(data))


def planes(picture: av.VideoFrame) -> tuple[Plane, ...]:
    """Y, U and V of a decoded picture."""
    return tuple(
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in picture.planes
    )


def luma_psnr(one: Plane, other: Plane) -> float:
    """Peak signal-to-noise ratio in decibels."""
    error = np.mean((one.astype(np.float64) - other) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


@dataclass
class SequenceParameterSet:
    """The fields of an SPS (ITU-T H.264, 7.3.2.1.1 and E.1.1) that the tests check. Baseline profiles only."""

    profile_idc: int
    constraint_flags: int
    level_idc: int
    max_num_ref_frames: int
    full_range: bool
    colour_primaries: int
    transfer_characteristics: int
    matrix_coefficients: int
    max_num_reorder_frames: int
    max_dec_frame_buffering: int


class _Bits:
    def __init__(self, data: bytes) -> None:
        data = data.replace(b"\0\0\3", b"\0\0")
        self._bits = "".join(f"{byte:08b}" for byte in data)
        self._position = 0

    def u(self, count: int) -> int:
        value = self._bits[self._position : self._position + count]
        assert len(value) == count
        self._position += count
        return int(value, 2)

    def ue(self) -> int:
        zeros = 0
        while self.u(1) == 0:
            zeros += 1
        return (1 << zeros) - 1 + (self.u(zeros) if zeros else 0)


def parse_sps(nal_unit: bytes) -> SequenceParameterSet:
    """An SPS as x264 writes them: with a VUI, without HRD parameters."""
    profile_idc, constraint_flags, level_idc = nal_unit[1:4]
    bits = _Bits(nal_unit[4:])
    bits.ue()  # seq_parameter_set_id
    bits.ue()  # log2_max_frame_num_minus4
    assert bits.ue() == 2, "pic_order_cnt_type 2: output order is decoding order"
    max_num_ref_frames = bits.ue()
    bits.u(1)  # gaps_in_frame_num_value_allowed_flag
    bits.ue(), bits.ue()  # size in macroblocks
    assert bits.u(1) == 1, "frame_mbs_only_flag"
    bits.u(1)  # direct_8x8_inference_flag
    if bits.u(1):
        for _ in range(4):
            bits.ue()  # frame cropping
    assert bits.u(1) == 1, "vui_parameters_present_flag"
    if bits.u(1):
        assert bits.u(8) != 255  # aspect_ratio_idc
    assert bits.u(1) == 0, "overscan_info_present_flag"
    assert bits.u(1) == 1, "video_signal_type_present_flag"
    bits.u(3)  # video_format
    full_range = bool(bits.u(1))
    assert bits.u(1) == 1, "colour_description_present_flag"
    primaries, transfer, matrix = bits.u(8), bits.u(8), bits.u(8)
    if bits.u(1):
        bits.ue(), bits.ue()  # chroma_loc_info
    if bits.u(1):
        bits.u(32), bits.u(32), bits.u(1)  # timing_info
    assert bits.u(1) == 0 and bits.u(1) == 0, "no HRD parameters"
    bits.u(1)  # pic_struct_present_flag
    assert bits.u(1) == 1, "bitstream_restriction_flag"
    bits.u(1)
    for _ in range(4):
        bits.ue()
    return SequenceParameterSet(
        profile_idc,
        constraint_flags,
        level_idc,
        max_num_ref_frames,
        full_range,
        primaries,
        transfer,
        matrix,
        max_num_reorder_frames=bits.ue(),
        max_dec_frame_buffering=bits.ue(),
    )
