"""Reading the SDP of cameras."""

from __future__ import annotations

import random

import pytest

from sidecar.cameras.rtsp.authentication import strongest
from sidecar.cameras.rtsp.depacketise import ENCODINGS
from sidecar.cameras.rtsp.description import SUPPORTED, control_url, read_description
from sidecar.cameras.rtsp.errors import EncodingError, EncryptedError, MalformedError, NoVideoError
from tests.support.growth import MOST_GROWTH, growth

HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\na=control:*\r\n"


def described(text: str) -> bytes:
    return (HEAD + text).encode()


def test_the_first_video_that_can_be_shown_is_chosen() -> None:
    video = read_description(
        described(
            "m=audio 0 RTP/AVP 0\r\na=control:audio\r\n"
            "m=video 0 RTP/AVP 99\r\na=rtpmap:99 VP8/90000\r\n"
            "m=video 0 RTP/AVP 97 96\r\na=rtpmap:97 VP9/90000\r\na=rtpmap:96 h264/90000\r\n"
            "a=fmtp:96 packetization-mode=1; Sprop-Parameter-Sets=Z0I=,aM4=\r\n"
            "a=framerate:12.5\r\na=control:trackID=1\r\n"
            "m=application 0 RTP/AVP 107\r\na=control:meta\r\n"
        )
    )
    assert (video.payload_type, video.encoding, video.clock_rate, video.control) == (96, "H264", 90_000, "trackID=1")
    assert video.parameters["sprop-parameter-sets"] == "Z0I=,aM4="
    assert (video.frame_rate, video.others, video.aggregate) == (12.5, frozenset((97,)), "*")


def test_a_static_payload_type_needs_no_map_and_hevc_is_h265() -> None:
    assert read_description(described("m=video 0 RTP/AVP 26\r\n")).encoding == "JPEG"
    hevc = read_description(described("m=video 0 RTP/AVP 96\r\na=rtpmap:96 HEVC/90000\r\n"))
    assert hevc.encoding == "H265"


def test_every_supported_encoding_has_a_depacketiser() -> None:
    for name in SUPPORTED:
        video = read_description(described(f"m=video 0 RTP/AVP 96\r\na=rtpmap:96 {name}/90000\r\n"))
        assert video.encoding in ENCODINGS


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", NoVideoError),
        ("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=inactive\r\n", NoVideoError),
        ("m=video 0 RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n", EncryptedError),
        ("m=video 0 RTP/AVP 96\r\n", EncodingError),
        ("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/0\r\n", EncodingError),
        ("a=x\r\n" * 5000, MalformedError),
    ],
)
def test_a_description_without_a_usable_video_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_description(described(text))


def test_bytes_that_are_not_a_description_are_refused() -> None:
    for body in (b"", b"<html></html>", b"\xff\xfe\x00"):
        with pytest.raises(MalformedError):
            read_description(body)


@pytest.mark.parametrize(
    ("base", "control", "url"),
    [
        ("rtsp://a/x", "", "rtsp://a/x"),
        ("rtsp://a/x", "*", "rtsp://a/x"),
        ("rtsp://a/x/", "track1", "rtsp://a/x/track1"),
        ("rtsp://a/x", "track1", "rtsp://a/x/track1"),
        ("rtsp://a/x?channel=1&subtype=0", "trackID=0", "rtsp://a/x?channel=1&subtype=0/trackID=0"),
        ("rtsp://a/x", "rtsp://b:1/y", "rtsp://b:1/y"),
        ("rtsp://a/x", "track 1\x00ü", "rtsp://a/x/track%201%00%C3%BC"),
    ],
)
def test_control_urls_are_absolute_or_appended(base: str, control: str, url: str) -> None:
    assert control_url(base, control) == url


@pytest.mark.parametrize(
    "pattern",
    [
        "m=video 0 RTP/AVP 96\r\n",
        "a=rtpmap:96 X/1\r\n",
        "m=video 0 RTP/AVP" + " 1" * 30 + "\r\n",
        "a",
        ";a=b",
        " ",
        ",",
    ],
)
def test_reading_takes_linear_time(pattern: str) -> None:
    def read(body: bytes) -> None:
        try:
            read_description(body)
        except (MalformedError, EncodingError, NoVideoError):
            return

    before = "m=video 0 RTP/AVP 96\r\na=fmtp:96 "
    assert growth(lambda size: described(before + pattern * size), read) < MOST_GROWTH


@pytest.mark.parametrize("pattern", ["Digest ", 'Digest nonce="', " ", "\\", 'a="b",', "Basic,", "Digest a=,", "\t=,"])
def test_challenges_are_read_in_linear_time(pattern: str) -> None:
    assert growth(lambda size: "Digest " + pattern * size, lambda text: strongest([text])) < MOST_GROWTH


def test_random_descriptions_give_a_video_or_the_declared_errors() -> None:
    source = random.Random(2)
    words = [
        "m=video",
        "a=rtpmap:",
        "a=fmtp:",
        "96 ",
        "H264/90000",
        "\r\n",
        " 0 RTP/AVP",
        "=",
        ";",
        "a=control:",
        "\0",
        "9" * 30,
    ]
    for _ in range(3000):
        text = "".join(source.choice(words) for _ in range(source.randint(1, 30)))
        try:
            read_description(described(text))
        except (MalformedError, EncodingError, NoVideoError, EncryptedError):
            continue
