from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from sidecar.contract.errors import EncoderFailedError
from sidecar.encoding.h264.x264 import X264Encoder
from sidecar.encoding.settings import EncoderSettings
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame import ColorRange, Frame, Matrix
from sidecar.media.h264 import H264
from tests.support.h264 import Decoder, luma_psnr, parse_sps, planes
from tests.support.pictures import HEIGHT, WIDTH, MovingPicture

SETTINGS = EncoderSettings(bitrate=800_000)


@pytest.fixture(scope="module")
def picture() -> MovingPicture:
    return MovingPicture()


@pytest.fixture
def encoder() -> X264Encoder:
    return X264Encoder(SETTINGS)


def types(access_unit: AccessUnit) -> list[int]:
    return [nal_unit[0] & 0x1F for nal_unit in access_unit.nal_units]


def grey(width: int, height: int, *, color_range: ColorRange = "tv") -> Frame:
    return Frame((np.full((height, width), 90, np.uint8),), "gray", width, height, 0, 1.0, color_range)


def test_every_frame_comes_out_at_once_and_looks_as_before(encoder: X264Encoder, picture: MovingPicture) -> None:
    decoder = Decoder()
    for number in range(30):
        frame = picture.frame(number)
        (decoded,) = decoder.decode(encoder.encode(frame, keyframe=False).nal_units)
        assert luma_psnr(planes(decoded)[0], frame.planes[0]) > 28
        assert luma_psnr(planes(decoded)[1], frame.planes[1]) > 35


def test_only_the_first_frame_and_requested_frames_are_keyframes(encoder: X264Encoder, picture: MovingPicture) -> None:
    for number in range(120):
        frame = (
            replace(grey(WIDTH, HEIGHT), captured_at=number / 30) if number == 60 else picture.frame(number, start=0)
        )
        access_unit = encoder.encode(frame, keyframe=number in (10, 11, 90))
        assert access_unit.keyframe == (number in (0, 10, 11, 90)), "a change of scene is no reason"
        assert types(access_unit) == ([7, 8, 5] if access_unit.keyframe else [1]), "no SEI, no delimiters"


def test_a_decoder_can_begin_at_a_keyframe_in_the_middle(encoder: X264Encoder, picture: MovingPicture) -> None:
    units = [encoder.encode(picture.frame(number), keyframe=number == 8) for number in range(12)]
    decoder = Decoder()
    assert all(len(decoder.decode(unit.nal_units)) == 1 for unit in units[8:])


@pytest.mark.parametrize(
    ("width", "height", "fps", "level_idc"),
    [(320, 180, 30, 31), (1280, 720, 30, 31), (1280, 720, 60, 32), (1920, 1080, 30, 40)],
)
def test_the_stream_is_constrained_baseline_without_reordering(
    width: int, height: int, fps: float, level_idc: int
) -> None:
    encoder = X264Encoder(replace(SETTINGS, fps=fps))
    sps = parse_sps(encoder.encode(grey(width, height), keyframe=False).nal_units[0])
    assert sps.profile_idc == 66
    assert sps.constraint_flags & 0b1100_0000 == 0b1100_0000, "constraint_set0_flag and constraint_set1_flag"
    assert sps.level_idc == level_idc
    assert (sps.max_num_ref_frames, sps.max_num_reorder_frames, sps.max_dec_frame_buffering) == (1, 0, 1)


@pytest.mark.parametrize(("matrix", "code"), [("bt601", 6), ("bt709", 1)])
@pytest.mark.parametrize("color_range", ["tv", "pc"])
def test_the_stream_tells_its_colours(color_range: ColorRange, matrix: Matrix, code: int) -> None:
    encoder = X264Encoder(SETTINGS)
    frame = replace(grey(64, 64, color_range=color_range), matrix=matrix)
    sps = parse_sps(encoder.encode(frame, keyframe=False).nal_units[0])
    assert sps.full_range == (color_range == "pc")
    assert (sps.colour_primaries, sps.transfer_characteristics, sps.matrix_coefficients) == (1, 1, code)


def test_another_size_range_or_matrix_goes_on_with_a_keyframe(encoder: X264Encoder) -> None:
    decoder = Decoder()
    sizes = []
    full = grey(160, 120, color_range="pc")
    for number, frame in enumerate([grey(320, 180), grey(160, 120), full, replace(full, matrix="bt709")]):
        access_unit = encoder.encode(replace(frame, captured_at=number), keyframe=False)
        assert access_unit.keyframe
        (decoded,) = decoder.decode(access_unit.nal_units)
        sizes.append((decoded.width, decoded.height))
        assert (access_unit.width, access_unit.height) == sizes[-1]
    assert sizes == [(320, 180), (160, 120), (160, 120), (160, 120)]


def test_an_odd_picture_loses_its_last_row_and_column() -> None:
    encoder = X264Encoder(SETTINGS)
    access_unit = encoder.encode(grey(161, 121), keyframe=False)
    assert (access_unit.width, access_unit.height) == (160, 120)


@pytest.mark.parametrize(("width", "height", "fps"), [(0, 0, 30), (1, 1, 30), (20_000, 20_000, 30), (7680, 4320, 240)])
def test_an_impossible_size_is_refused(width: int, height: int, fps: float) -> None:
    frame = Frame((np.broadcast_to(np.uint8(90), (height, width)),), "gray", width, height, 0, 1.0)
    encoder = X264Encoder(replace(SETTINGS, fps=fps))
    with pytest.raises(EncoderFailedError):
        encoder.encode(frame, keyframe=True)


@pytest.mark.parametrize("fps", [0.0, -1.0, float("nan")])
def test_a_frame_rate_that_is_not_positive_is_refused(fps: float) -> None:
    with pytest.raises(EncoderFailedError, match="frame rate"):
        X264Encoder(replace(SETTINGS, fps=fps))


def test_a_large_picture_is_one_access_unit_however_many_slices_it_has() -> None:
    encoder = X264Encoder(EncoderSettings(bitrate=6_000_000))
    decoder = Decoder()
    for number in range(3):
        slope = (np.add.outer(np.arange(1080), np.arange(1920) + 8 * number) // 8 % 200 + 20).astype(np.uint8)
        access_unit = encoder.encode(Frame((slope,), "gray", 1920, 1080, number, number / 30), keyframe=False)
        assert set(types(access_unit)) == ({7, 8, 5} if number == 0 else {1})
        (decoded,) = decoder.decode(access_unit.nal_units)
        assert (decoded.width, decoded.height) == (1920, 1080)
        assert luma_psnr(planes(decoded)[0], slope) > 25


def test_rtp_timestamps_follow_the_camera_wrap_and_never_stand_still(encoder: X264Encoder) -> None:
    wrap = 2**32 / 90_000
    moments = [wrap - 0.1, wrap - 0.05, wrap - 0.05, wrap - 0.06, wrap + 0.5, wrap + 4000.0]
    stamps = [
        encoder.encode(replace(grey(WIDTH, HEIGHT), captured_at=at), keyframe=False).rtp_timestamp for at in moments
    ]
    expected = [round(at * 90_000) for at in moments]
    expected[2], expected[3] = expected[1] + 1, expected[1] + 2
    assert stamps == [ticks % 2**32 for ticks in expected]


def test_an_access_unit_carries_codec_target_and_times(encoder: X264Encoder, picture: MovingPicture) -> None:
    frame = picture.frame(0)
    access_unit = encoder.encode(frame, keyframe=False)
    assert access_unit.codec is H264
    assert access_unit.target_bitrate == SETTINGS.bitrate
    encoder.set_bitrate(300_000)
    assert encoder.encode(picture.frame(1), keyframe=False).target_bitrate == 300_000
    assert access_unit.captured_at == frame.captured_at
    assert access_unit.encoded_at > 0


def bits_per_second(encoder: X264Encoder, picture: MovingPicture, first: int, seconds: int, fps: int) -> float:
    """The rate of the last two thirds, so that the encoder had a moment to answer."""
    sizes = []
    for number in range(first, first + seconds * fps):
        access_unit = encoder.encode(picture.frame(number * 30 // fps), keyframe=False)
        assert not access_unit.keyframe or number == 0
        sizes.append(8 * access_unit.size)
    settled = sizes[len(sizes) // 3 :]
    return sum(settled) * fps / len(settled)


@pytest.mark.parametrize("fps", [30, 15])
def test_the_bitrate_follows_down_and_up_without_a_keyframe(picture: MovingPicture, fps: int) -> None:
    encoder = X264Encoder(SETTINGS)
    first = 0
    for target in (800_000, 200_000, 1_500_000, 60_000, 600_000):
        encoder.set_bitrate(target)
        assert bits_per_second(encoder, picture, first, 6, fps) == pytest.approx(target, rel=0.25)
        first += 6 * fps


def test_a_bitrate_above_the_largest_expected_is_met_after_the_next_keyframe(picture: MovingPicture) -> None:
    encoder = X264Encoder(EncoderSettings(bitrate=200_000))
    encoder.encode(picture.frame(0), keyframe=False)
    encoder.set_bitrate(2_000_000)
    keyframe = encoder.encode(picture.frame(1), keyframe=True)
    assert keyframe.keyframe
    assert 8 * keyframe.size > 2 * 2_000_000 / 30, "the buffer grew: a keyframe may take more than its frame's share"
    assert bits_per_second(encoder, picture, 2, 6, 30) == pytest.approx(2_000_000, rel=0.25)


def test_no_picture_takes_more_than_its_share_of_the_link(picture: MovingPicture) -> None:
    encoder = X264Encoder(SETTINGS)
    sizes = [8 * encoder.encode(picture.frame(n), keyframe=n % 20 == 0).size for n in range(60)]
    assert max(sizes) <= 0.25 * SETTINGS.bitrate


@pytest.mark.parametrize(("scale", "size"), [(Fraction(3, 4), (240, 134)), (Fraction(1, 4), (80, 44))])
def test_a_scale_makes_the_picture_smaller_from_a_keyframe_on(
    picture: MovingPicture, scale: Fraction, size: tuple[int, int]
) -> None:
    encoder = X264Encoder(SETTINGS)
    whole = encoder.encode(picture.frame(0), keyframe=False)
    encoder.set_scale(scale)
    smaller = [encoder.encode(picture.frame(number), keyframe=False) for number in (1, 2)]
    assert [(unit.width, unit.height) for unit in smaller] == [size] * 2
    assert [unit.keyframe for unit in smaller] == [True, False]
    assert smaller[0].rtp_timestamp > whole.rtp_timestamp
    encoder.set_scale(Fraction(1))
    again = encoder.encode(picture.frame(3), keyframe=False)
    assert (again.keyframe, again.width, again.height) == (True, WIDTH, HEIGHT)


def test_a_scaled_picture_shows_the_same(picture: MovingPicture) -> None:
    encoder = X264Encoder(EncoderSettings(bitrate=5_000_000))
    encoder.set_scale(Fraction(1, 2))
    frame = picture.frame(0)
    (shown,) = Decoder().decode(encoder.encode(frame, keyframe=True).nal_units)
    expected = frame.planes[0].reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean(axis=(1, 3))
    assert luma_psnr(planes(shown)[0], expected.astype(np.uint8)) > 30


def test_after_the_bitrate_fell_far_a_keyframe_takes_no_more_of_the_link_than_before(picture: MovingPicture) -> None:
    encoder = X264Encoder(EncoderSettings(bitrate=2_000_000))
    encoder.encode(picture.frame(0), keyframe=True)
    encoder.set_bitrate(200_000)
    assert 8 * encoder.encode(picture.frame(1), keyframe=True).size <= 0.25 * 200_000


def test_another_frame_rate_opens_the_encoder_anew_for_its_level_and_bitrate(picture: MovingPicture) -> None:
    encoder = X264Encoder(EncoderSettings(bitrate=800_000, fps=30.0))
    first = encoder.encode(picture.frame(0), keyframe=False)
    encoder.set_fps(30.0)
    assert not encoder.encode(picture.frame(1), keyframe=False).keyframe
    encoder.set_fps(10.0)
    slower = [encoder.encode(picture.frame(2 + number, fps=10, start=1001), keyframe=False) for number in range(31)]
    assert [unit.keyframe for unit in slower[:2]] == [True, False]
    assert slower[0].rtp_timestamp > first.rtp_timestamp
    assert 8 * sum(unit.size for unit in slower[1:]) / 3 == pytest.approx(800_000, rel=0.3)


@pytest.mark.parametrize(("fps", "level_idc"), [(30.0, 31), (60.0, 32), (120.0, 42)])
def test_the_level_of_a_stream_follows_its_frame_rate(fps: float, level_idc: int) -> None:
    encoder = X264Encoder(EncoderSettings(bitrate=800_000, fps=30.0))
    encoder.encode(grey(1280, 720), keyframe=True)
    encoder.set_fps(fps)
    unit = encoder.encode(replace(grey(1280, 720), captured_at=2.0), keyframe=True)
    assert unit.nal_units[0][3] == level_idc, "ITU-T H.264, 7.3.2.1.1"
