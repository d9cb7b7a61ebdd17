"""Later offers: the video that is running stays in its section and in its format while others change."""

from __future__ import annotations

import pytest
from aiortc.sdp import SessionDescription

from sidecar.contract.errors import InvalidSdpError
from sidecar.webrtc.sdp import LocalDescription, LocalTransport, parse_answer, parse_offer, write_answer
from tests.unit.webrtc.sdp.test_read import SESSION, VIDEO, sdp

GROUP = SESSION.replace("BUNDLE 0", "BUNDLE a 0")
LOCAL = LocalDescription(1, "stream", "cname", 1, 2, LocalTransport((), "efgh", "abcdefghijklmnopqrstuv"))

EARLIER = VIDEO.replace("a=mid:0", "a=mid:a")
PAUSED = EARLIER.replace("a=recvonly", "a=inactive")


def test_an_earlier_video_that_begins_to_receive_does_not_take_the_place_of_the_running_one() -> None:
    running = parse_offer(sdp(PAUSED, VIDEO, session=GROUP))
    later = parse_offer(sdp(EARLIER, VIDEO, session=GROUP), running)
    assert (running.index, later.index) == (1, 1)
    answer = SessionDescription.parse(write_answer(LOCAL, later).sdp)
    assert [media.direction for media in answer.media] == ["inactive", "sendonly"]


def test_the_running_format_stays_although_a_better_one_is_offered_later() -> None:
    baseline_only = VIDEO.replace(" 106 107\n", "\n")
    running = parse_offer(sdp(baseline_only))
    assert running.codec.payload_type == 102
    assert parse_offer(sdp(VIDEO)).codec.payload_type == 106
    assert parse_offer(sdp(VIDEO), running).codec.payload_type == 102


def test_an_offer_that_stops_or_pauses_the_running_video_says_so() -> None:
    running = parse_offer(sdp(VIDEO, EARLIER, session=GROUP))
    for there, instead, says in (("m=video 9", "m=video 0", "stops"), ("a=recvonly", "a=inactive", "inactive")):
        with pytest.raises(InvalidSdpError, match=says):
            parse_offer(sdp(VIDEO.replace(there, instead), EARLIER, session=GROUP), running)


def test_an_answer_that_stops_the_running_video_says_so_and_does_not_blame_the_codec() -> None:
    stopped = sdp(VIDEO.replace("m=video 9", "m=video 0"))
    running = parse_offer(sdp(VIDEO)).codec
    with pytest.raises(InvalidSdpError) as refused:
        parse_answer(stopped, mids=["0"], running=running)
    assert "stops the running video" in refused.value.message
    assert "H.264" not in refused.value.message


def test_an_offer_without_the_section_of_the_running_video_is_refused() -> None:
    running = parse_offer(sdp(PAUSED, VIDEO, session=GROUP))
    with pytest.raises(InvalidSdpError, match="as many media sections"):
        parse_offer(sdp(EARLIER, session=GROUP), running)


@pytest.mark.parametrize("profile", ["UDP/TLS/RTP/SAVPF", "RTP/SAVPF", "UDP/TLS/RTP/SAVP"])
def test_an_answer_repeats_the_profile_of_the_offer(profile: str) -> None:
    offer = parse_offer(sdp(VIDEO.replace("UDP/TLS/RTP/SAVPF", profile)))
    assert f"m=video 9 {profile} 106 107\r\n" in write_answer(LOCAL, offer).sdp
