"""The H.264 format that is chosen, and the errors for peers that have none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sidecar.contract.errors import InvalidSdpError
from sidecar.webrtc.sdp import RemoteDescription, parse_answer, parse_offer
from tests.unit.webrtc.sdp.test_read import AUDIO, VIDEO, sdp

READERS: tuple[Callable[[str], RemoteDescription], ...] = (parse_offer, lambda text: parse_answer(text, mids=["0"]))


def error_of(text: str, read: Callable[[str], RemoteDescription]) -> InvalidSdpError:
    with pytest.raises(InvalidSdpError) as refused:
        read(text)
    return refused.value


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("there", "instead", "says"),
    [
        ("H264/90000", "VP9/90000", "has no H.264"),
        ("m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 106 107", "m=video 9 UDP/TLS/RTP/SAVPF 96 97", "has no H.264"),
        ("m=video 9", "m=video 0", "rejected the video"),
        ("packetization-mode=1", "packetization-mode=0", "not with packetization-mode=1"),
        (";packetization-mode=1", "", "not with packetization-mode=1"),
        ("profile-level-id=42", "profile-level-id=64", "not its constrained baseline profile"),
    ],
)
def test_a_peer_without_a_format_that_fits_is_told_why(
    there: str, instead: str, says: str, read: Callable[[str], RemoteDescription]
) -> None:
    assert there in sdp(VIDEO)
    error = error_of(sdp(VIDEO).replace(there, instead), read)
    assert says in error.message
    assert "H.264" in error.message
    assert "Firefox" in error.hint


def test_the_error_names_the_codecs_of_the_peer_and_no_other_part_of_its_text() -> None:
    strange = VIDEO.replace("H264/90000", "VP9/90000") + "a=rtpmap:108 <b>\x1b[31m/90000\n" + "a=rtpmap:109 x\n" * 30
    assert error_of(sdp(strange), parse_offer).details == {"codecs": ["VP8", "VP9"]}


def test_a_firefox_without_its_h264_rejects_the_video() -> None:
    answer = sdp(VIDEO).replace("m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 106 107", "m=video 0 UDP/TLS/RTP/SAVPF 120")
    answer = answer.replace("a=recvonly", "a=inactive").replace("a=rtpmap:96 VP8", "a=rtpmap:120 VP8")
    assert "most likely it has no H.264" in error_of(answer, READERS[1]).message


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
def test_a_peer_that_does_not_receive_is_told_its_direction(
    direction: str, read: Callable[[str], RemoteDescription]
) -> None:
    error = error_of(sdp(VIDEO.replace("a=recvonly", f"a={direction}")), read)
    assert direction in error.message
    assert "recvonly" in error.hint


def test_an_offer_without_a_video_section_is_told_so() -> None:
    assert error_of(sdp(AUDIO), parse_offer).message == "the offer has no video section"


@pytest.mark.parametrize(
    "lines",
    [
        "a=fmtp:106 packetization-mode=1;profile-level-id=42e01f\na=fmtp:106 max-fs=3600;max-br=2000\n",
        "a=fmtp:106 max-fs=3600;max-br=2000\na=fmtp:106 packetization-mode=1;profile-level-id=42e01f\n",
        "a=fmtp:106 packetization-mode=1\na=fmtp:106 profile-level-id=42e01f\n",
        "a=fmtp:106  PACKETIZATION-MODE = 1 ; Profile-Level-Id=42E01F;;\n",
    ],
)
def test_the_parameters_of_a_format_may_stand_in_several_lines(lines: str) -> None:
    fmtp = "a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\n"
    assert fmtp in VIDEO
    codec = parse_offer(sdp(VIDEO.replace(fmtp, lines))).codec
    assert codec.payload_type == 106
    assert codec.fmtp.lower() == "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"


def test_a_format_that_the_media_line_lists_twice_counts_once() -> None:
    assert parse_offer(sdp(VIDEO).replace("106 107", "106 106 107 106")).sections[0].formats[-2:] == ("106", "107")
