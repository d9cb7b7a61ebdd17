from __future__ import annotations

from dataclasses import replace

import av
import pytest
from av.video.codeccontext import VideoCodecContext

from sidecar.contract.errors import EncoderFailedError
from sidecar.encoding.h264.x264 import X264Encoder
from sidecar.encoding.settings import EncoderSettings
from sidecar.media.codec import StreamDescription
from tests.support.h264 import Decoder, luma_psnr, planes
from tests.support.pictures import HEIGHT, WIDTH, MovingPicture


def decoder(description: StreamDescription) -> VideoCodecContext:
    """FFmpeg's, which takes pictures without start codes when its extradata is an AVCDecoderConfigurationRecord."""
    context = av.CodecContext.create("h264", "r")
    assert isinstance(context, VideoCodecContext)
    context.extradata = description.record
    context.thread_count = 1
    return context


def test_an_independent_decoder_shows_the_same_pictures() -> None:
    encoder, picture = X264Encoder(EncoderSettings()), MovingPicture()
    units = [encoder.encode(picture.frame(number), keyframe=number == 0) for number in range(5)]
    other, plain = decoder(units[0].describe()), Decoder()
    for unit in units:
        (seen,) = other.decode(av.Packet(unit.sample()))
        (expected,) = plain.decode(unit.nal_units)
        assert (seen.width, seen.height) == (WIDTH, HEIGHT)
        assert luma_psnr(planes(seen)[0], planes(expected)[0]) == float("inf")


def test_the_codec_says_constrained_baseline_and_the_level() -> None:
    encoder = X264Encoder(EncoderSettings())
    description = encoder.encode(MovingPicture(1920, 1080).frame(0), keyframe=True).describe()
    assert description.codec == "avc1.42c028"
    assert (description.width, description.height) == (1920, 1080)


def test_parameter_sets_stand_in_the_description_and_not_in_the_pictures() -> None:
    unit = X264Encoder(EncoderSettings()).encode(MovingPicture().frame(0), keyframe=True)
    sps, pps = unit.nal_units[:2]
    record, data = unit.describe().record, unit.sample()
    assert (
        record
        == b"\1"
        + sps[1:4]
        + b"\xff\xe1"
        + len(sps).to_bytes(2, "big")
        + sps
        + b"\1"
        + len(pps).to_bytes(2, "big")
        + pps
    )
    assert sps not in data
    assert len(data) == sum(4 + len(unit) for unit in unit.nal_units[2:])


def test_the_same_encoder_describes_its_next_keyframe_alike() -> None:
    encoder, picture = X264Encoder(EncoderSettings()), MovingPicture()
    first, second = (encoder.encode(picture.frame(number), keyframe=True).describe() for number in range(2))
    assert first == second


def test_a_picture_that_is_no_keyframe_has_no_description() -> None:
    encoder, picture = X264Encoder(EncoderSettings()), MovingPicture()
    encoder.encode(picture.frame(0), keyframe=True)
    with pytest.raises(EncoderFailedError):
        encoder.encode(picture.frame(1), keyframe=False).describe()
    unit = encoder.encode(picture.frame(2), keyframe=True)
    with pytest.raises(EncoderFailedError):
        replace(unit, nal_units=(b"\x67\x42", *unit.nal_units[1:])).describe()
