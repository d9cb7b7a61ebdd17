"""Depacketisation: access units from RTP payloads, with one depacketiser and one decoder for each encoding name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sidecar.cameras.rtsp.depacketise.depacketiser import Depacketiser
from sidecar.cameras.rtsp.depacketise.h264 import H264Depacketiser, h264_parameter_sets
from sidecar.cameras.rtsp.depacketise.h265 import H265Depacketiser, h265_parameter_sets
from sidecar.cameras.rtsp.depacketise.jpeg import JpegDepacketiser
from sidecar.cameras.rtsp.depacketise.mpeg4 import Mpeg4Depacketiser, mpeg4_configuration
from sidecar.cameras.rtsp.description import VideoDescription


@dataclass(frozen=True, slots=True)
class Encoding:
    """The parts that read one encoding: depacketiser, libav's decoder, and the decoder's extradata.

    `configuration` returns the extradata from the description.
    """

    decoder: str
    depacketiser: Callable[[VideoDescription], Depacketiser]
    configuration: Callable[[VideoDescription], bytes]


ENCODINGS: Final[dict[str, Encoding]] = {
    "H264": Encoding("h264", H264Depacketiser, h264_parameter_sets),
    "H265": Encoding("hevc", H265Depacketiser, h265_parameter_sets),
    "MP4V-ES": Encoding("mpeg4", Mpeg4Depacketiser, mpeg4_configuration),
    "JPEG": Encoding("mjpeg", JpegDepacketiser, lambda _: b""),
}
"""The encodings by their names in `description.SUPPORTED`. HEVC is another name of H265."""
