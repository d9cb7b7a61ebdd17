"""Common video files: containers, several streams, and jumping time stamps."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import av
import imageio_ffmpeg  # type: ignore[import-untyped]
import pytest

from sidecar.cameras.camera import Camera
from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import RequestedFormat
from sidecar.cameras.files.container import FORMATS
from sidecar.cameras.files.timing import LONGEST_INTERVAL, STILL_INTERVAL, Intervals
from sidecar.contract.errors import CameraFailedError
from tests.support.clock import Clock
from tests.support.videos import write_video

SMALL, DV = "size=64x48", "size=720x576"
LIMIT = 60


def opened(path: Path) -> Camera:
    catalogue = Catalogue([f"file:{path.parent}/*"])
    return catalogue.open(catalogue.resolve(f"file:{path}"), RequestedFormat())


def made(path: Path, *arguments: str, size: str = SMALL, seconds: float = 0.4) -> Path:
    """Write a moving test picture with FFmpeg, and return the file."""
    source = ["-f", "lavfi", "-i", f"testsrc={size}:rate=25:duration={seconds}"]
    ffmpeg(*source, *arguments, str(path))
    return path


def ffmpeg(*arguments: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *arguments]
    subprocess.run(command, check=True, timeout=LIMIT, stdin=subprocess.DEVNULL)


def read(path: Path, count: int) -> Camera:
    camera = opened(path)
    try:
        for _ in range(count):
            camera.read()
    finally:
        camera.close()
    return camera


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("a.wmv", ("-c:v", "wmv2")),
        ("a.asf", ("-c:v", "msmpeg4")),
        ("a.m1v", ("-c:v", "mpeg1video")),
        ("a.m2v", ("-c:v", "mpeg2video")),
        ("a.mpg", ("-c:v", "mpeg1video")),
        ("a.apng", ("-f", "apng")),
        ("a.mjpeg", ("-c:v", "mjpeg")),
        ("a.gif", ()),
        ("a.y4m", ("-pix_fmt", "yuv420p")),
        ("a.3gp", ("-c:v", "mpeg4")),
        ("a.m4v", ("-c:v", "mpeg4", "-f", "m4v")),
        ("a.m2ts", ("-c:v", "libx264")),
        ("a.ogv", ("-c:v", "libtheora")),
        ("a.h264", ("-c:v", "libx264")),
        ("a.hevc", ("-c:v", "libx265", "-x265-params", "log-level=none")),
        ("a.flv", ("-c:v", "flv")),
        ("a.ivf", ("-c:v", "libvpx")),
        ("a.nut", ("-c:v", "ffv1")),
        ("a.obu", ("-c:v", "libaom-av1", "-cpu-used", "8")),
        ("a.rm", ("-c:v", "rv10", "-s", "352x288")),
        ("a.swf", ("-c:v", "flv")),
        ("a.wtv", ("-c:v", "mpeg2video")),
        ("a.h263", ("-c:v", "h263", "-s", "352x288")),
    ],
)
def test_each_format_that_people_have_plays_again(tmp_path: Path, name: str, arguments: tuple[str, ...]) -> None:
    read(made(tmp_path / name, *arguments), 13)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mxf", "mpeg2video"), ("a.dv", "dvvideo"), ("a.vob", "mpeg2video"), ("a.gxf", "mpeg2video")]
)
def test_formats_of_cameras_and_broadcasters_play(tmp_path: Path, name: str, codec: str) -> None:
    video = made(tmp_path / name, "-c:v", codec, "-pix_fmt", "yuv420p", size=DV)
    assert 20 < read(video, 3).format.fps <= 50


def test_mjpeg_that_was_concatenated_damaged_or_cut_plays(tmp_path: Path) -> None:
    data = made(tmp_path / "a.mjpeg", "-c:v", "mjpeg").read_bytes()
    damaged = bytearray(data)
    damaged[len(data) // 2 : len(data) // 2 + 100] = b"\x55" * 100
    for name, content in {"two": data + b"rubbish" * 20 + data, "damaged": bytes(damaged), "cut": data[500:]}.items():
        path = tmp_path / f"{name}.mjpeg"
        path.write_bytes(content)
        read(path, 5)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.bmp", "a.webp"])
def test_a_single_picture_is_repeated_at_a_steady_interval(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = opened(made(tmp_path / name, "-frames:v", "1"))
    clock = Clock()

    def sleep(seconds: float) -> None:
        clock.now += seconds

    monkeypatch.setattr(time, "monotonic", clock)
    monkeypatch.setattr(time, "sleep", sleep)
    times = [camera.read().captured_at for _ in range(4)]
    camera.close()
    assert times[-1] - times[-2] == pytest.approx(STILL_INTERVAL)


# -- no access to other files ------------------------------------------------------------------------------------------


def test_demuxers_that_open_other_files_or_servers_are_not_used() -> None:
    names = {name for each in FORMATS for name in each.split(",")}
    others = {"hls", "dash", "concat", "imf", "sdp", "rtsp", "rtp", "image2", "webm_dash_manifest", "tty", "vobsub"}
    assert not names & others
    assert all(av.ContainerFormat(name, "r").is_input for name in FORMATS)


def test_a_movie_whose_track_lies_in_another_file_does_not_open_that(tmp_path: Path) -> None:
    folder = tmp_path / "allowed"
    folder.mkdir()
    secret = write_video(folder / "secret.mp4", count=4)
    movie = folder / "reference.mov"
    movie.write_bytes(_referring(secret.read_bytes(), b"/secret.mp4"))
    with av.open(str(movie), options={"enable_drefs": "1"}) as container:
        assert next(container.decode(video=0)).width == 64, "the reference is good: only the option opens it"
    with pytest.raises(CameraFailedError):
        opened(movie)


def _referring(movie: bytes, name: bytes) -> bytes:
    """Return a movie without media, with an alias of `name` as its data reference (QuickTime File Format, "alis")."""
    kind = movie.index(b"dref")
    entry = movie.index(b"url ", kind) - 4
    head = bytes(130) + b"\0\1\0\1" + bytes(16)  # levels from here to the folder of both, and down to the file
    path = (2).to_bytes(2) + len(name).to_bytes(2) + name + bytes(len(name) % 2)
    alias = head + path + b"\xff\xff\0\0"
    atom = (12 + len(alias)).to_bytes(4) + b"alis" + bytes(4) + alias
    grown = len(atom) - 12
    data = bytearray(movie[:entry] + atom + movie[entry + 12 :])
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        at = data.index(box) - 4
        data[at : at + 4] = (int.from_bytes(data[at : at + 4]) + grown).to_bytes(4)
    media = data.index(b"mdat")
    length = int.from_bytes(data[media - 4 : media])
    data[media + 4 : media - 4 + length] = bytes(length - 8)
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n"),
        ("a.jpg", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n"),
        ("list.mpd", '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{url}</BaseURL></MPD>'),
        ("a.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"),
        ("a.ffconcat", "ffconcat version 1.0\nfile '{path}'\n"),
        ("a.cpl", '<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"></CompositionPlaylist>'),
    ],
)
def test_a_text_that_names_other_files_or_servers_opens_none(tmp_path: Path, name: str, text: str) -> None:
    secret = write_video(tmp_path / "secret.ts", codec="mpeg2video")
    folder = tmp_path / "allowed"
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"
        (folder / name).write_text(text.format(url=url, path=secret))
        with pytest.raises(CameraFailedError):
            opened(folder / name)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_name_with_a_pattern_or_a_protocol_means_the_file_of_that_name(tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("such names are not allowed on Windows")
    picture = made(tmp_path / "1.jpg", "-frames:v", "1")
    for name in ("%d.jpg", "concat:1.jpg|1.jpg"):
        with pytest.raises(CameraFailedError):
            path = tmp_path / name
            path.write_bytes(b"no picture")
            opened(path)
    assert picture.exists()


# -- which stream ------------------------------------------------------------------------------------------------------


def test_a_cover_picture_is_not_the_film(tmp_path: Path) -> None:
    cover = made(tmp_path / "cover.png", "-frames:v", "1", size="size=128x96")
    film = made(tmp_path / "film.mp4", "-c:v", "mpeg4")
    both = tmp_path / "both.mp4"
    cover_first = ("-map", "0", "-map", "1", "-c", "copy", "-disposition:v:0", "attached_pic")
    ffmpeg("-i", str(cover), "-i", str(film), *cover_first, str(both))
    camera = read(both, 12)
    assert (camera.format.width, camera.format.height) == (64, 48)


def test_a_file_of_a_cover_picture_only_says_so(tmp_path: Path) -> None:
    cover = made(tmp_path / "cover.png", "-frames:v", "1")
    sound = ("-f", "lavfi", "-i", "sine=duration=0.2", "-map", "1", "-map", "0", "-c:v", "copy", "-c:a", "aac")
    ffmpeg("-i", str(cover), *sound, "-disposition:v:0", "attached_pic", str(tmp_path / "song.m4a"))
    with pytest.raises(CameraFailedError, match="cover"):
        opened(tmp_path / "song.m4a")


@pytest.mark.parametrize(
    ("dispositions", "width"),
    [(("0", "default"), 128), (("default", "0"), 64), (("0", "0"), 128), (("default", "default"), 128)],
)
def test_the_default_stream_comes_first_and_then_the_largest(
    tmp_path: Path, dispositions: tuple[str, str], width: int
) -> None:
    small = made(tmp_path / "small.mkv", "-c:v", "mpeg4")
    large = made(tmp_path / "large.mkv", "-c:v", "mpeg4", size="size=128x96")
    both = tmp_path / "both.mkv"
    options = [f"-disposition:v:{number}={each}".split("=", 1) for number, each in enumerate(dispositions)]
    mapping = ("-map", "0", "-map", "1", "-c", "copy", "-default_mode", "passthrough")
    ffmpeg("-i", str(small), "-i", str(large), *mapping, *(word for option in options for word in option), str(both))
    assert read(both, 12).format.width == width


def test_a_stream_that_cannot_be_decoded_makes_room_for_the_next(tmp_path: Path) -> None:
    both = tmp_path / "both.mkv"
    with av.open(str(both), "w") as container:
        broken, good = (container.add_stream("mpeg4", rate=25) for _ in range(2))
        broken.width, broken.height = 128, 96
        good.width, good.height = 64, 48
        for number in range(5):
            for stream in (broken, good):
                picture = av.VideoFrame(stream.width, stream.height, "yuv420p")
                picture.pts = number
                for packet in stream.encode(picture):
                    if stream is broken:
                        packet.update(b"\x55" * packet.size)
                    container.mux(packet)
    assert read(both, 8).format.width == 64


def test_a_file_of_sound_only_says_so(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=duration=0.2", "-c:a", "aac", str(tmp_path / "song.m4a"))
    with pytest.raises(CameraFailedError, match="no video"):
        opened(tmp_path / "song.m4a")


# -- clocks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [5000, -5000, 95_442])
def test_an_mpeg_ts_whose_clock_jumps_plays_without_a_pause(tmp_path: Path, jump: int) -> None:
    first = made(tmp_path / "first.ts", "-c:v", "mpeg2video", "-output_ts_offset", "6000")
    second = made(tmp_path / "second.ts", "-c:v", "mpeg2video", "-output_ts_offset", str(6000 + jump))
    joined = tmp_path / "joined.ts"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    camera = opened(joined)
    began = time.monotonic()
    times = [camera.read().captured_at for _ in range(18)]
    camera.close()
    assert (
        max(after - before for before, after in pairwise(times)) < 0.95 * LONGEST_INTERVAL
    )  # a jump that is waited for takes all of it
    assert times[-1] - began < 5


def test_a_slide_show_keeps_its_pace() -> None:
    intervals = Intervals(0.5)
    assert [intervals.until(time) for time in (0.0, 2.0, 4.0, 4.5)] == [0.5, 2.0, 2.0, 0.5]


def test_a_gap_among_quick_pictures_is_a_jump_and_one_that_comes_again_a_slide_show() -> None:
    intervals = Intervals(0.04)
    times = (0.0, 0.04, 10.0, 20.0, 30.0, 5030.0, 10.0, None, 10.1, 10.14)
    usual, long = 0.04, LONGEST_INTERVAL
    expected = [usual, usual, usual, long, long, usual, usual, usual, usual, usual]
    assert [intervals.until(time) for time in times] == pytest.approx(expected)
