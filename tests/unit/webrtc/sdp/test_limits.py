"""Descriptions and candidates beyond a limit are refused at once, and all others are read in linear time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest

from sidecar.contract.errors import InvalidCandidateError, InvalidSdpError
from sidecar.webrtc.sdp import (
    MAX_CANDIDATES,
    LocalDescription,
    LocalTransport,
    parse_answer,
    parse_candidate,
    parse_offer,
    write_answer,
)
from sidecar.webrtc.sdp.codecs import MAX_FORMAT_LINES, MAX_PARAMETERS
from sidecar.webrtc.sdp.extensions import MAX_EXTENSIONS
from sidecar.webrtc.sdp.syntax import (
    MAX_FORMATS,
    MAX_GROUPS,
    MAX_LENGTH,
    MAX_LINE_LENGTH,
    MAX_LINES,
    MAX_SECTIONS,
    parse_number,
)
from sidecar.webrtc.sdp.transport import MAX_FINGERPRINTS
from tests.support.growth import MOST_GROWTH, growth
from tests.unit.webrtc.sdp.test_read import AUDIO, FINGERPRINT, SESSION, VIDEO, sdp

FORMATS = "96 97 102 103 106 107"
TRANSPORT = LocalTransport((("sha-256", FINGERPRINT.partition(" ")[2]),))
LOCAL = LocalDescription(1, "stream", "cname", 1, 2, TRANSPORT)


def with_lines(count: int, line: Callable[[int], str]) -> str:
    return sdp(VIDEO, "".join(f"a={line(number)}\n" for number in range(count)))


def with_formats(count: int) -> str:
    return sdp(VIDEO).replace(FORMATS, FORMATS + " 106" * count)


def with_sections(count: int) -> str:
    audios = [AUDIO.replace("a=mid:1", f"a=mid:a{number}") for number in range(count)]
    group = "BUNDLE 0 " + " ".join(f"a{number}" for number in range(count))
    return sdp(VIDEO, *audios, session=SESSION.replace("BUNDLE 0", group))


DESCRIPTIONS: dict[str, Callable[[int], str]] = {
    "formats": with_formats,
    "formats without retransmissions": lambda n: with_formats(n).replace("rtx/90000", "x/90000"),
    "different formats": lambda n: sdp(VIDEO).replace(FORMATS, " ".join([FORMATS, *map(str, range(1000, 1000 + n))])),
    "sections": with_sections,
    "bare sections": lambda n: sdp(VIDEO, "m=audio 9 UDP/TLS/RTP/SAVPF 0\n" * n),
    "rtpmap": lambda n: with_lines(n, lambda _: "rtpmap:106 H264/90000"),
    "rtpmap of others": lambda n: with_lines(n, lambda i: f"rtpmap:{i} H264/90000"),
    "fmtp": lambda n: with_lines(n, lambda i: f"fmtp:106 x{i}=1"),
    "fmtp of others": lambda n: with_lines(n, lambda i: f"fmtp:{i} apt=106"),
    "parameters": lambda n: with_lines(1, lambda _: "fmtp:106 " + ";".join(f"x{i}=1" for i in range(n))),
    "semicolons": lambda n: with_lines(1, lambda _: "fmtp:106 " + ";" * n),
    "rtx": lambda n: with_lines(n, lambda i: f"rtpmap:{i % 128} rtx/90000\na=fmtp:{i % 128} apt=106"),
    "feedback": lambda n: with_lines(n, lambda _: "rtcp-fb:106 nack pli"),
    "extensions": lambda n: with_lines(n, lambda i: f"extmap:{i} urn:example:{i}"),
    "groups": lambda n: sdp(VIDEO, session=SESSION + "a=group:BUNDLE 0\n" * n),
    "mids in a group": lambda n: sdp(VIDEO, session=SESSION.replace("BUNDLE 0", "BUNDLE 0" + " 1" * n)),
    "candidates": lambda n: with_lines(n, lambda i: f"candidate:1 1 udp 1 127.0.0.1 {i % 65536} typ host"),
    "bad candidates": lambda n: with_lines(n, lambda i: f"candidate:{i}"),
    "fingerprints": lambda n: with_lines(n, lambda _: f"fingerprint:{FINGERPRINT}"),
    "one long line": lambda n: with_lines(1, lambda _: "x:" + "y" * n),
    "one long candidate": lambda n: with_lines(1, lambda _: "candidate:1 1 udp 1 127.0.0.1 9 typ host" + " a" * n),
    "one long number": lambda n: sdp(VIDEO).replace("m=video 9", "m=video " + "9" * n),
    "different attributes": lambda n: with_lines(n, lambda i: f"x{i}:1"),
    "carriage returns": lambda n: sdp(VIDEO) + "\r" * n,
    "empty lines": lambda n: sdp(VIDEO) + "\n" * n,
    "spaces in the media line": lambda n: sdp(VIDEO).replace(FORMATS, " " * n + FORMATS),
}


def attempt(text: str) -> None:
    """Read a description and answer it; an error is a result, too."""
    with contextlib.suppress(InvalidSdpError):
        write_answer(LOCAL, parse_offer(text))
    with contextlib.suppress(InvalidSdpError):
        parse_answer(text, mids=["0"])


@pytest.mark.parametrize("kind", DESCRIPTIONS)
def test_the_work_for_a_description_grows_no_faster_than_its_length(kind: str) -> None:
    assert growth(DESCRIPTIONS[kind], attempt, size=16) < MOST_GROWTH


@pytest.mark.parametrize("suffix", [" a", " ", "1", "a=", " ufrag x", "\t"])
def test_the_work_for_a_candidate_grows_no_faster_than_its_length(suffix: str) -> None:
    def parse(line: str) -> None:
        with contextlib.suppress(InvalidCandidateError):
            parse_candidate(line)

    assert growth(lambda n: "candidate:1 1 udp 1 127.0.0.1 9 typ host" + suffix * n, parse) < MOST_GROWTH


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        ("formats", 60_000),
        ("formats", 4_000),
        ("different formats", MAX_FORMATS),
        ("sections", MAX_SECTIONS),
        ("bare sections", MAX_SECTIONS),
        ("rtpmap", MAX_FORMAT_LINES),
        ("fmtp", MAX_FORMAT_LINES),
        ("feedback", MAX_FORMAT_LINES),
        ("parameters", MAX_PARAMETERS + 2),
        ("extensions", MAX_EXTENSIONS),
        ("groups", MAX_GROUPS),
        ("mids in a group", MAX_SECTIONS),
        ("candidates", MAX_CANDIDATES),
        ("fingerprints", MAX_FINGERPRINTS),
        ("one long line", MAX_LINE_LENGTH),
        ("different attributes", MAX_LINES),
        ("empty lines", MAX_LENGTH),
    ],
)
def test_a_description_beyond_a_limit_is_refused(kind: str, most: int) -> None:
    parse_offer(DESCRIPTIONS[kind](1))
    with pytest.raises(InvalidSdpError):
        parse_offer(DESCRIPTIONS[kind](most))


@pytest.mark.parametrize("damage", ["\0", "\r", "\ud800", "٩", "9" * 5000, "-1", "+9", "9.0", "", "70000", "１"])
@pytest.mark.parametrize("place", ["m=video 9", "106 H264", "a=fmtp:106", "extmap:4", "apt=106", "a=mid:0", "o=- 1"])
def test_a_strange_number_is_an_error_or_left_out_and_no_exception(damage: str, place: str) -> None:
    assert place in sdp(VIDEO)
    head, number = place[:-1], place[-1]
    attempt(sdp(VIDEO).replace(place, head + damage))
    attempt(sdp(VIDEO).replace(place, head + number + damage))


@pytest.mark.parametrize("character", ["\0", "\r", "\ud800", "\udfff"])
def test_a_character_that_no_description_has_is_refused(character: str) -> None:
    parse_offer(sdp(VIDEO, "a=x:y\n"))
    with pytest.raises(InvalidSdpError):
        parse_offer(sdp(VIDEO) + f"a=x:{character}y\r\n")


def test_a_line_ends_at_a_line_feed_only() -> None:
    # str.splitlines() ends lines at these, too: a candidate or a section could hide in a name.
    for separator in ("\x0b", "\x0c", "\x1c", "\x85", "\u2028"):
        offer = parse_offer(sdp(VIDEO).replace("s=-", f"s=x{separator}m=audio 9 UDP/TLS/RTP/SAVPF 0"))
        assert len(offer.sections) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("127", 127), ("128", None), ("٣", None), ("1" * 5000, None), ("", None), ("+1", None), ("²", None)],
)
def test_a_number_is_written_in_ascii_digits_and_bounded(text: str, number: int | None) -> None:
    assert parse_number(text, 127) == number


@pytest.mark.parametrize(
    "line",
    [
        "candidate:1 ١ udp 1 127.0.0.1 9 typ host",
        "candidate:1 1 udp 1 127.0.0.1 ٩ typ host",
        "candidate:1 1 udp 9999999999 127.0.0.1 9 typ host",
        "candidate:1 1 udp 1 127.0.0.1\u00a0x 9 typ host",
        "candidate:1 1 udp 1 127.0.0.1 9 typ host x \0",
        "candidate:1 1 udp 1 127.0.0.1 9 typ host x \ud800",
        "candidate:1 1 udp 1 127.0.0.1 9 typ host\rcandidate:1 1 udp 1 127.0.0.1 9 typ host",
        "candidate:1 1 udp 1 127.0.0.1 9 typ host" + " x y" * 1000,
    ],
)
def test_a_candidate_with_strange_characters_or_too_long_is_refused(line: str) -> None:
    with pytest.raises(InvalidCandidateError):
        parse_candidate(line)
