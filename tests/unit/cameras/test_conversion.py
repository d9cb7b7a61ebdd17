"""The conversion of a file's pictures to frames: colours, orientation and pixel aspect, for every kind of file."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
import numpy.typing as npt
import pytest

from sidecar.cameras.frame_maker import FrameMaker
from sidecar.cameras.picture_format import PixelAspect
from sidecar.contract.errors import CameraFailedError
from sidecar.media.frame import Colour, Frame
from tests.support.charts import (
    COLOURS,
    GREYS,
    HEIGHT,
    TABLE,
    WIDTH,
    Recording,
    chart,
    ffmpeg,
    recording,
    worst_error,
)

Chart: TypeAlias = npt.NDArray[np.uint8]

TOLERANCE = 3  # of 255
COEFFICIENTS = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}

# FFmpeg's encoder, and the pixel formats to try with it.
KINDS = {
    "libx264": ("yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le"),
    "libx265": ("gbrp", "gbrp10le", "yuv420p12le", "yuv444p12le"),
    "ffv1": ("bgra", "yuv410p", "yuv411p", "yuv440p", "yuva420p", "yuv444p16le", "gbrp"),
    "png": ("rgb24", "rgba", "rgb48be"),
    "rawvideo": ("nv12", "nv21", "uyvy422", "yuyv422", "rgb24", "bgr24", "yuv420p", "yuv420p10le"),
    "mjpeg": ("yuvj420p", "yuvj422p", "yuvj444p", "yuv420p", "yuv422p"),
}
GREY_KINDS = {"libx265": ("gray", "gray10le"), "ffv1": ("gray", "gray16le"), "png": ("gray", "gray16be")}


def of(kinds: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(codec, pixel_format) for codec, formats in kinds.items() for pixel_format in formats]


def kind(codec: str, pixel_format: str, colours: tuple[tuple[int, int, int], ...]) -> Recording:
    quality = {
        "libx264": ("-crf", "4"),
        "libx265": ("-crf", "4", "-x265-params", "log-level=none"),
        "mjpeg": ("-q:v", "1"),
    }
    options = ("-c:v", codec, *quality.get(codec, ()), "-strict", "-1")
    return Recording(f"{codec}-{pixel_format}", f"format={pixel_format}", options, colours)


def first_frame(path: Path, fps: float = 25.0) -> Frame:
    aspect = PixelAspect()
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        maker = FrameMaker(fps, stream.codec_context.name)
        picture = next(container.decode(stream))
        frame = maker.frame(picture, 0, 0.0, aspect.of(stream))
        assert (frame.width, frame.height) == maker.size_of(picture, aspect.of(stream))
        return frame


def samples(frame: Frame, x: float, y: float) -> tuple[float, float, float]:
    """Return Y, U and V at a point, which is given as fractions of width and height."""
    column, row = int(x * frame.width), int(y * frame.height)
    match frame.pixel_format:
        case "gray":
            return frame.planes[0][row, column], 128, 128
        case "yuyv422":
            packed = frame.planes[0][row, 4 * (column // 2) : 4 * (column // 2) + 4]
            return packed[2 * (column % 2)], packed[1], packed[3]
        case "nv12":
            u, v = frame.planes[1][row // 2, 2 * (column // 2) : 2 * (column // 2) + 2]
            return frame.planes[0][row, column], u, v
    rows = row // 2 if frame.pixel_format == "yuv420p" else row
    return frame.planes[0][row, column], frame.planes[1][rows, column // 2], frame.planes[2][rows, column // 2]


def colour(frame: Frame, x: float, y: float) -> tuple[int, ...]:
    """Return R, G and B at a point, by the definitions of matrix and range (ITU-R BT.601, BT.709)."""
    if frame.pixel_format == "bgr24":
        return tuple(int(value) for value in frame.planes[0][int(y * frame.height), int(x * frame.width), ::-1])
    luma, u, v = (float(value) for value in samples(frame, x, y))
    luma, u, v = (
        (luma, u - 128, v - 128)
        if frame.color_range == "pc"
        else ((luma - 16) * 255 / 219, (u - 128) * 255 / 224, (v - 128) * 255 / 224)
    )
    of_red, of_blue = COEFFICIENTS[frame.matrix]
    red, blue = luma + 2 * (1 - of_red) * v, luma + 2 * (1 - of_blue) * u
    green = (luma - of_red * red - of_blue * blue) / (1 - of_red - of_blue)
    return tuple(round(min(max(value, 0), 255)) for value in (red, green, blue))


def seen(frame: Frame, made: Recording) -> list[tuple[int, ...]]:
    return [colour(frame, x, y) for x, y in made.centres()]


@pytest.mark.parametrize("made", TABLE, ids=str)
def test_a_frame_has_the_colours_and_the_size_that_its_file_names(tmp_path: Path, made: Recording) -> None:
    frame = first_frame(made.write(tmp_path))
    assert (frame.width, frame.height) == made.shown_size
    assert worst_error(seen(frame, made), made) <= TOLERANCE


@pytest.mark.parametrize(("codec", "pixel_format"), of(KINDS))
def test_every_pixel_format_keeps_its_colours(tmp_path: Path, codec: str, pixel_format: str) -> None:
    made = kind(codec, pixel_format, COLOURS)
    assert worst_error(seen(first_frame(made.write(tmp_path)), made), made) <= TOLERANCE


@pytest.mark.parametrize(("codec", "pixel_format"), of(GREY_KINDS))
def test_grey_of_any_depth_stays_grey(tmp_path: Path, codec: str, pixel_format: str) -> None:
    made = kind(codec, pixel_format, GREYS)
    frame = first_frame(made.write(tmp_path))
    assert frame.pixel_format == "gray"
    assert worst_error(seen(frame, made), made) <= TOLERANCE


@pytest.mark.parametrize(("size", "matrix"), [("640x480", "bt601"), ("1280x720", "bt709")])
def test_video_without_a_named_matrix_gets_the_matrix_of_browsers(tmp_path: Path, size: str, matrix: str) -> None:
    width, height = size.split("x")
    scale = f"scale={width}:{height}:flags=neighbor:out_color_matrix={matrix},format=yuv420p"
    unnamed = ("-c:v", "libx264", "-crf", "5", "-bsf:v", "h264_metadata=matrix_coefficients=2")
    made = Recording(matrix, f"{scale},setparams=colorspace=unknown", unnamed)
    frame = first_frame(made.write(tmp_path))
    assert frame.matrix == matrix
    assert worst_error(seen(frame, made), made) <= TOLERANCE


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_hdr_becomes_a_picture_of_the_ordinary_range(tmp_path: Path, transfer: str) -> None:
    made = recording("bt2020", "tv", 10)
    tags = f"colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:log-level=none"
    path = tmp_path / "hdr.mp4"
    raw = chart(GREYS).tobytes()
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", "25", "-i", "-")
    ffmpeg(*source, "-vf", made.filters, "-c:v", "libx265", "-x265-params", tags, str(path), data=raw)
    frame = first_frame(path)
    levels = [colour(frame, x, y) for x, y in made.centres()]
    assert frame.colour == Colour("pc", "bt709")
    assert max(max(level) - min(level) for level in levels) <= TOLERANCE, "greys stay grey"
    greens = [level[1] for level in levels]
    assert greens == sorted(greens)
    assert greens[0] <= TOLERANCE < 200 < greens[-1]


# -- orientation --------------------------------------------------------------------------------------------------


def turned(tmp_path: Path, *options: str) -> Path:
    """Return a file with an asymmetric picture, copied by FFmpeg with these input options."""
    base, path = tmp_path / "base.mp4", tmp_path / "turned.mp4"
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", "25", "-i", "-")
    ffmpeg(*source, "-c:v", "libx264", "-crf", "4", "-pix_fmt", "yuv420p", str(base), data=chart().tobytes())
    ffmpeg(*options, "-i", str(base), "-c", "copy", str(path))
    return path


@pytest.mark.parametrize(
    "options",
    [
        ("-display_rotation", "90"),
        ("-display_rotation", "180"),
        ("-display_rotation", "270"),
        ("-display_hflip",),
        ("-display_vflip",),
        ("-display_rotation", "90", "-display_hflip"),
        ("-display_rotation", "90", "-display_vflip"),
    ],
    ids=" ".join,
)
def test_pictures_are_turned_and_mirrored_as_ffmpeg_itself_does_it(tmp_path: Path, options: tuple[str, ...]) -> None:
    path, reference = turned(tmp_path, *options), tmp_path / "reference.png"
    ffmpeg("-i", str(path), "-frames:v", "1", "-pix_fmt", "rgb24", str(reference))
    frame = first_frame(path)
    with av.open(str(reference)) as container:
        expected = next(container.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    assert expected.shape == (frame.height, frame.width, 3)
    for x, y in recording("bt601", "tv", 8).centres():
        found = colour(frame, x, y)
        wanted = expected[int(y * frame.height), int(x * frame.width)]
        assert np.abs(found - wanted).max() <= TOLERANCE


def test_a_display_orientation_message_holds_until_the_next_coded_video_sequence(tmp_path: Path) -> None:
    upright, message, path = (tmp_path / f"{name}.ts" for name in ("upright", "message", "both"))
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", "25", "-i", "-")
    options = ("-c:v", "libx264", "-bf", "0", "-pix_fmt", "yuv420p")
    ffmpeg(*source, *options, str(upright), data=chart().tobytes() * 3)
    turn = "h264_metadata=display_orientation=insert:rotate=90"
    ffmpeg("-i", str(upright), "-c", "copy", "-bsf:v", turn, str(message))
    path.write_bytes(message.read_bytes() + upright.read_bytes())
    maker = FrameMaker(25.0, "h264")
    with av.open(str(path)) as container:
        frames = [maker.frame(picture, 0, 0.0) for picture in container.decode(video=0)]
    assert [(frame.width, frame.height) for frame in frames] == [(HEIGHT, WIDTH)] * 3 + [(WIDTH, HEIGHT)] * 3


def with_exif(jpeg: bytes, orientation: int) -> bytes:
    """Return the JPEG file with an orientation (EXIF 2.3, section 4.6.4, tag 274)."""
    directory = struct.pack(">HHHIHHI", 1, 274, 3, 1, orientation, 0, 0)
    segment = b"Exif\0\0MM\0*" + struct.pack(">I", 8) + directory
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


EXIF_ORIENTATIONS: dict[int, Callable[[Chart], Chart]] = {
    1: lambda upright: upright,
    2: np.fliplr,
    3: lambda upright: np.rot90(upright, 2),
    4: np.flipud,
    5: lambda upright: np.rot90(np.fliplr(upright)),
    6: lambda upright: np.rot90(upright, -1),
    7: lambda upright: np.rot90(np.fliplr(upright), -1),
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", EXIF_ORIENTATIONS)
def test_a_jpeg_picture_is_shown_in_its_exif_orientation(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "exif.jpg"
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-i", "-")
    ffmpeg(*source, "-q:v", "1", "-pix_fmt", "yuvj420p", str(path), data=chart().tobytes())
    path.write_bytes(with_exif(path.read_bytes(), orientation))
    expected = EXIF_ORIENTATIONS[orientation](chart()).astype(int)
    frame = first_frame(path)
    assert (frame.height, frame.width) == expected.shape[:2]
    for x, y in recording("bt601", "tv", 8).centres():
        wanted = expected[int(y * frame.height), int(x * frame.width)]
        assert np.abs(colour(frame, x, y) - wanted).max() <= TOLERANCE


def test_a_picture_that_is_stored_from_the_bottom_up_is_read_from_the_top(tmp_path: Path) -> None:
    options = ("-c:v", "rawvideo", "-pix_fmt", "bgr24", "-flipped_raw_rgb", "1")
    path = tmp_path / "bottom_up.avi"
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", "25", "-i", "-")
    ffmpeg(*source, "-vf", "vflip", *options, str(path), data=chart().tobytes())
    with av.open(str(path)) as container:
        assert next(container.decode(video=0)).planes[0].line_size < 0
    frame = first_frame(path)
    assert (frame.planes[0][:, :, ::-1] == chart()).all()


def test_a_stream_may_change_its_size_colour_and_shape_at_any_picture(tmp_path: Path) -> None:
    maker = FrameMaker(25.0, "h264")
    sizes = []
    for made in (recording("bt601", "tv", 8), recording("bt709", "pc", 8, rotation=90), recording("bt2020", "tv", 10)):
        with av.open(str(made.write(tmp_path))) as container:
            frame = maker.frame(next(container.decode(video=0)), 0, 0.0)
        sizes.append((frame.width, frame.height))
        assert worst_error(seen(frame, made), made) <= TOLERANCE
    assert sizes == [(WIDTH, HEIGHT), (HEIGHT, WIDTH), (WIDTH, HEIGHT)]
    wide = maker.frame(av.VideoFrame(WIDTH, HEIGHT, "yuv420p"), 0, 0.0, Fraction(4, 3))
    assert (wide.width, wide.height) == (426, HEIGHT)


@pytest.mark.parametrize(
    "pixel_format", ["yuv420p", "nv12", "p010le", "uyvy422", "gray12le", "gbrp10le", "monow", "bgr0"]
)
def test_reserved_code_points_do_not_stop_a_stream(pixel_format: str) -> None:
    maker = FrameMaker(25.0, "h264")
    for code in (0, 3, 8, 13, 17, 22):
        picture = av.VideoFrame(63, 47, pixel_format)
        picture.colorspace, picture.color_primaries, picture.color_trc = code, code, code
        frame = maker.frame(picture, 0, 0.0, Fraction(4, 3))
        assert (frame.width, frame.height) == (84, 48)


def test_a_bayer_pattern_of_one_column_is_an_error_and_does_not_end_the_process() -> None:
    with pytest.raises(CameraFailedError):
        FrameMaker(25.0, "rawvideo").frame(av.VideoFrame(1, 8, "bayer_rggb8"), 0, 0.0)
