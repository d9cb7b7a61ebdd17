"""The descriptions of the sidecar, as aiortc reads them."""

from __future__ import annotations

import pytest
from aiortc.sdp import SessionDescription

from sidecar.webrtc.ice.candidates import local_candidate
from sidecar.webrtc.sdp import LocalDescription, LocalTransport, parse_offer, write_answer, write_offer
from tests.unit.webrtc.sdp.test_read import AUDIO, SESSION, VIDEO, sdp

LOCAL = LocalDescription(
    session_id=1,
    stream_id="camera",
    cname="cname",
    ssrc=11,
    rtx_ssrc=12,
    transport=LocalTransport(
        username_fragment="abcd",
        password="abcdefghijklmnopqrstuv",
        fingerprints=(("sha-256", "AB:CD"),),
        candidates=(local_candidate("host", ("127.0.0.1", 5), base="127.0.0.1", preference=1),),
    ),
)


def test_an_offer_says_all_that_is_needed() -> None:
    offer = write_offer(LOCAL)
    assert offer.sdp.endswith("\r\n")
    (media,) = SessionDescription.parse(offer.sdp).media
    assert media.dtls is not None
    assert media.ice is not None
    assert (media.ice.usernameFragment, media.ice.password) == (
        LOCAL.transport.username_fragment,
        LOCAL.transport.password,
    )
    assert (media.dtls.role, media.dtls.fingerprints[0].value) == ("auto", "AB:CD")
    assert [ssrc.ssrc for ssrc in media.ssrc] == [11, 12]
    assert media.ssrc_group[0].items == [11, 12]
    assert [candidate.port for candidate in media.ice_candidates] == [5]
    assert not media.ice_candidates_complete
    assert media.rtcp_mux
    feedback = {(entry.type, entry.parameter) for entry in media.rtp.codecs[0].rtcpFeedback}
    assert feedback == {
        *(("goog-remb", None), ("transport-cc", None), ("ccm", "fir")),
        *(("nack", None), ("nack", "pli"), ("rrtr", None)),
    }
    assert [extension.id for extension in media.rtp.headerExtensions] == [1, 2, 3, 4, 5]


def test_an_answer_takes_the_offer_s_numbers_and_keeps_a_bundled_audio_inactive() -> None:
    offer = parse_offer(sdp(AUDIO, VIDEO, session=SESSION.replace("BUNDLE 0", "BUNDLE 1 0")))
    answer = SessionDescription.parse(write_answer(LOCAL, offer).sdp)
    audio, video = answer.media
    assert (audio.kind, audio.port, audio.rtp.muxId, audio.direction) == ("audio", 9, "1", "inactive")
    assert (video.kind, video.rtp.muxId, video.direction) == ("video", "0", "sendonly")
    assert [codec.payloadType for codec in video.rtp.codecs] == [106, 107]
    assert {extension.id for extension in video.rtp.headerExtensions} == {4, 2, 5, 6}
    assert answer.group[0].items == ["1", "0"]


def test_an_answer_has_no_formats_and_extensions_beyond_the_offer() -> None:
    plain = VIDEO.replace("a=fmtp:107 apt=106\n", "")
    plain = plain.replace("a=extmap:5", "a=x:5").replace("a=extmap:4", "a=extmap:15").replace("a=extmap:6", "a=x:6")
    answer = SessionDescription.parse(write_answer(LOCAL, parse_offer(sdp(plain))).sdp)
    (video,) = answer.media
    assert [codec.payloadType for codec in video.rtp.codecs] == [106]
    assert [extension.id for extension in video.rtp.headerExtensions] == [2]
    assert [ssrc.ssrc for ssrc in video.ssrc] == [11]


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        ("", set()),
        ("a=rtcp-fb:106 nack pli\na=rtcp-fb:106 ack rpsi\na=rtcp-fb:107 nack\n", {("nack", "pli")}),
        ("a=rtcp-fb:* nack\na=rtcp-fb:106 goog-remb\n", {("nack", None), ("goog-remb", None)}),
    ],
)
def test_an_answer_lists_the_feedback_that_the_offer_lists_and_we_understand(
    offered: str, answered: set[tuple[str, str | None]]
) -> None:
    offer = parse_offer(sdp(VIDEO.replace("a=rtcp-fb:106 nack\n", offered)))
    (video,) = SessionDescription.parse(write_answer(LOCAL, offer).sdp).media
    assert {(entry.type, entry.parameter) for entry in video.rtp.codecs[0].rtcpFeedback} == answered


def test_a_password_is_not_shown() -> None:
    assert LOCAL.transport.password not in repr(LOCAL)
