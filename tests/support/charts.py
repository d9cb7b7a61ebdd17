"""A chart of known colours, as files of every kind of colour that cameras and encoders write."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt

COLUMNS, ROWS = 4, 3
COLOURS = (
    (191, 0, 0),
    (0, 191, 0),
    (0, 0, 191),
    (191, 191, 0),
    (0, 191, 191),
    (191, 0, 191),
    (235, 235, 235),
    (40, 40, 40),
    (200, 120, 60),
    (60, 120, 200),
    (255, 255, 255),
    (0, 0, 0),
)
"""R, G and B of sRGB, row by row from the top left."""

GREYS = tuple((level, level, level) for level in range(0, 256, 23))
WIDTH, HEIGHT = 320, 240
PICTURES = 8

Colours = tuple[tuple[int, int, int], ...]
Point = tuple[float, float]


@dataclass(frozen=True)
class Recording:
    """How a chart is written into a file; `filters` and `options` are FFmpeg's.

    `rotation` is counterclockwise in degrees, and `pixel_aspect` the width of a pixel to its height.
    """

    name: str
    filters: str
    options: tuple[str, ...]
    colours: Colours = COLOURS
    rotation: int = 0
    pixel_aspect: Fraction = Fraction(1)

    def __str__(self) -> str:
        return self.name

    @property
    def shown_size(self) -> tuple[int, int]:
        """The size of the picture as browsers show it: upright and with square pixels."""
        aspect = float(self.pixel_aspect)
        width, height = WIDTH * max(aspect, 1.0), HEIGHT / min(aspect, 1.0)
        size = 2 * round(width / 2), 2 * round(height / 2)
        return size[::-1] if self.rotation % 180 else size

    def centres(self) -> list[Point]:
        """Where the middle of each colour is shown, in parts of the width and height."""
        stored = [((index % COLUMNS + 0.5) / COLUMNS, (index // COLUMNS + 0.5) / ROWS) for index in range(12)]
        turned = {0: lambda x, y: (x, y), 90: lambda x, y: (y, 1 - x), 180: lambda x, y: (1 - x, 1 - y)}
        return [turned[self.rotation](*point) for point in stored]

    def write(self, folder: Path) -> Path:
        """The file."""
        path = folder / f"{self.name}.mkv"
        raw = chart(self.colours).tobytes() * PICTURES
        source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", "25", "-i", "-")
        shape = f"{self.filters},setsar={self.pixel_aspect}"
        ffmpeg(*source, "-vf", shape, *self.options, str(path), data=raw)
        if not self.rotation:
            return path
        turned = path.with_suffix(".mp4")
        ffmpeg("-display_rotation", str(self.rotation), "-i", str(path), "-c", "copy", str(turned))
        return turned


def chart(colours: Colours = COLOURS) -> npt.NDArray[np.uint8]:
    """The chart as an array of (HEIGHT, WIDTH, 3)."""
    patches = np.array(colours, np.uint8).reshape(ROWS, COLUMNS, 3)
    return patches.repeat(HEIGHT // ROWS, axis=0).repeat(WIDTH // COLUMNS, axis=1)


def ffmpeg(*arguments: str, data: bytes | None = None) -> None:
    """Run the ffmpeg of PyPI's imageio-ffmpeg, which has libx264 and libx265."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *arguments]
    subprocess.run(command, input=data, check=True)


def worst_error(seen: list[tuple[int, ...]], recording: Recording) -> int:
    """The largest difference of a channel, 0 to 255."""
    return int(np.abs(np.array(seen, int)[:, :3] - np.array(recording.colours)).max())


X264 = ("-c:v", "libx264", "-crf", "5")
X265 = ("-c:v", "libx265", "-crf", "5", "-x265-params", "log-level=none")
TAGS = {"bt601": "smpte170m", "bt709": "bt709", "bt2020": "bt2020nc"}


def recording(matrix: str, color_range: str, bits: int, **more: object) -> Recording:
    """Of YUV with these matrix coefficients, "tv" or "pc", and 8 or 10 bits."""
    pixel_format = "yuv420p" if bits == 8 else "yuv420p10le"
    name = "-".join([matrix, color_range, str(bits), *(str(value).replace("/", "to") for value in more.values())])
    filters = f"scale=out_color_matrix={matrix}:out_range={color_range}:flags=accurate_rnd,format={pixel_format}"
    options = (*(X264 if bits == 8 else X265), "-colorspace", TAGS[matrix], "-color_range", color_range)
    return Recording(name, filters, options, **more)  # type: ignore[arg-type]


def grey(color_range: str) -> Recording:
    """Of one plane, with the flag that says its range."""
    levels = "lutyuv=y=16+val*219/255," if color_range == "tv" else ""
    flag = f"hevc_metadata=video_full_range_flag={int(color_range == 'pc')}"
    options = (*X265, "-pix_fmt", "gray", "-bsf:v", flag)
    return Recording(f"grey-{color_range}", f"format=gray,{levels}format=gray", options, GREYS)


WIDE_GAMUT = Recording(
    "bt2020-primaries",
    "scale=out_color_matrix=bt709:out_range=tv,format=yuv444p,colorspace=iall=bt709:all=bt2020:format=yuv444p10",
    (*X265, "-pix_fmt", "yuv420p10le"),
)
"""With BT.2020's primaries, too, in which the same colours have other numbers."""

TABLE = (
    *(recording(matrix, of, bits) for matrix in TAGS for of in ("tv", "pc") for bits in (8, 10)),
    *(recording(matrix, "tv", 8, rotation=90) for matrix in TAGS),
    *(recording(matrix, "tv", 10, pixel_aspect=Fraction(4, 3)) for matrix in TAGS),
    recording("bt709", "pc", 8, rotation=180, pixel_aspect=Fraction(3, 4)),
    WIDE_GAMUT,
    grey("tv"),
    grey("pc"),
)
