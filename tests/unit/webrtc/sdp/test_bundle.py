"""Offers with more than the video: the sections of the answer, their group and the transport."""

from __future__ import annotations

import pytest
from aiortc.sdp import SessionDescription

from sidecar.contract.errors import InvalidSdpError
from sidecar.webrtc.sdp import (
    LocalDescription,
    LocalTransport,
    RemoteDescription,
    parse_answer,
    parse_offer,
    write_answer,
    write_offer,
)
from tests.unit.webrtc.sdp.test_read import AUDIO, FINGERPRINT, SESSION, VIDEO, sdp

TRANSPORT = LocalTransport(
    (("sha-256", FINGERPRINT.partition(" ")[2]),), "efgh", "abcdefghijklmnopqrstuv", setup="active"
)
LOCAL = LocalDescription(1, "stream", "cname", 1, 2, TRANSPORT)
DATA = """\
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=ice-ufrag:data
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:{FINGERPRINT}
a=setup:actpass
a=mid:d
a=sctp-port:5000
""".replace("{FINGERPRINT}", FINGERPRINT)
NO_TRANSPORT = ("a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=setup", "a=candidate")


def grouped(*mids: str) -> str:
    """The session part with this BUNDLE group; without mids it has none."""
    return SESSION.replace("a=group:BUNDLE 0\n", f"a=group:BUNDLE {' '.join(mids)}\n" if mids else "")


def without(section: str, *starts: str) -> str:
    return "".join(line for line in section.splitlines(keepends=True) if not line.startswith(starts))


def bundle_only(section: str) -> str:
    port = section.replace(" 9 ", " 0 ", 1)
    return without(port, *NO_TRANSPORT) + "a=bundle-only\n"


def answer_to(offer: RemoteDescription) -> SessionDescription:
    return SessionDescription.parse(write_answer(LOCAL, offer).sdp)


def lines_of(offer: RemoteDescription, kind: str) -> list[str]:
    """The lines of the answer's first section of a kind."""
    sections = write_answer(LOCAL, offer).sdp.split("m=")
    return next(section for section in sections if section.startswith(kind)).splitlines()


def test_a_bundled_audio_stays_inactive_with_its_codecs_and_the_transport() -> None:
    offer = parse_offer(sdp(AUDIO, VIDEO, session=grouped("1", "0")))
    lines = lines_of(offer, "audio")
    assert lines[0] == "audio 9 UDP/TLS/RTP/SAVPF 96 97 102 103 106 107"
    assert {"a=inactive", "a=mid:1", "a=rtcp-mux", "a=rtpmap:96 VP8/90000", "a=fmtp:97 apt=96"} <= set(lines)
    assert {"a=ice-ufrag:efgh", f"a=fingerprint:{FINGERPRINT}", "a=setup:active"} <= set(lines)
    assert answer_to(offer).group[0].items == ["1", "0"]


def test_a_data_channel_is_rejected_with_the_transport_and_stands_outside_of_the_group() -> None:
    offer = parse_offer(sdp(DATA, VIDEO, session=grouped("d", "0")))
    lines = lines_of(offer, "application")
    assert lines[0] == "application 0 UDP/DTLS/SCTP webrtc-datachannel"
    assert {"a=mid:d", "a=sctp-port:5000", "a=ice-ufrag:efgh", f"a=fingerprint:{FINGERPRINT}"} <= set(lines)
    assert answer_to(offer).group[0].items == ["0"]


def test_the_transport_is_that_of_the_first_section_that_the_answer_keeps() -> None:
    audio = AUDIO.replace("a=ice-ufrag:abcd", "a=ice-ufrag:audio")
    for group, fragment, transport in (
        (("1", "0"), "audio", ("1", 1)),
        (("0", "1"), "abcd", ("0", 2)),
        (("d", "1", "0"), "audio", ("1", 1)),
        (("d", "0"), "abcd", ("0", 2)),
        ((), "abcd", ("0", 2)),
    ):
        offer = parse_offer(sdp(DATA, audio, VIDEO, session=grouped(*group)))
        assert (offer.ice.username_fragment, offer.transport) == (fragment, transport)


def test_candidates_of_another_transport_are_left_out_until_the_group_is_answered() -> None:
    audio = AUDIO.replace("a=ice-ufrag:abcd", "a=ice-ufrag:audio")
    offer = parse_offer(sdp(audio, VIDEO, session=grouped("1", "0")))
    assert [candidate.port for candidate in offer.candidates] == [40001]


def test_a_section_that_was_bundle_only_is_accepted_with_the_port_of_the_group() -> None:
    offer = parse_offer(sdp(AUDIO, bundle_only(VIDEO), session=grouped("1", "0")))
    assert [media.port for media in answer_to(offer).media] == [9, 9]
    assert "a=bundle-only" not in write_answer(LOCAL, offer).sdp


def test_a_video_that_is_bundled_only_with_a_data_channel_is_accepted() -> None:
    offer = parse_offer(sdp(DATA, bundle_only(VIDEO), session=grouped("d", "0")))
    assert offer.ice.username_fragment == "data"
    assert [media.port for media in answer_to(offer).media] == [0, 9]


def test_a_bundle_only_section_of_no_group_is_rejected() -> None:
    with pytest.raises(InvalidSdpError, match="rejected"):
        parse_offer(sdp(bundle_only(VIDEO), session=grouped()))


def test_a_section_that_is_rejected_stays_rejected() -> None:
    offer = parse_offer(sdp(AUDIO.replace("audio 9", "audio 0"), VIDEO, session=grouped("1", "0")))
    answer = answer_to(offer)
    assert [media.port for media in answer.media] == [0, 9]
    assert answer.group[0].items == ["0"]


def test_a_rejected_audio_repeats_the_multiplexing_of_rtcp_which_aiortc_wants_of_every_section() -> None:
    offer = parse_offer(sdp(AUDIO, VIDEO, session=grouped()))
    assert lines_of(offer, "audio")[0].startswith("audio 0 ")
    assert "a=rtcp-mux" in lines_of(offer, "audio")
    offer = parse_offer(sdp(without(AUDIO, "a=rtcp-mux"), VIDEO, session=grouped()))
    assert "a=rtcp-mux" not in lines_of(offer, "audio")


def test_an_offer_without_a_group_is_answered_without_one() -> None:
    offer = parse_offer(sdp(AUDIO, VIDEO, session=grouped()))
    answer = answer_to(offer)
    assert "a=group" not in str(answer)
    assert [media.port for media in answer.media] == [0, 9]


def test_a_video_outside_of_the_group_is_answered_without_the_group() -> None:
    offer = parse_offer(sdp(AUDIO, DATA, VIDEO, session=grouped("1", "d")))
    answer = answer_to(offer)
    assert "a=group" not in str(answer)
    assert [media.port for media in answer.media] == [0, 0, 9]


def test_an_offer_without_mids_is_answered_without_them() -> None:
    offer = parse_offer(sdp(without(AUDIO, "a=mid"), without(VIDEO, "a=mid"), session=grouped()))
    text = write_answer(LOCAL, offer).sdp
    assert "a=mid" not in text
    assert "a=group" not in text
    assert offer.transport == (None, 1)
    assert offer.extensions.mid is None, "there is no mid that packets could carry"


def test_a_group_of_mids_that_no_section_has_is_no_group() -> None:
    offer = parse_offer(sdp(without(VIDEO, "a=mid"), session=grouped("0")))
    assert "a=group" not in write_answer(LOCAL, offer).sdp


def test_the_first_of_several_videos_that_receives_h264_is_sent_and_the_others_are_inactive() -> None:
    vp8 = VIDEO.replace("H264/90000", "VP9/90000").replace("a=mid:0", "a=mid:a")
    more = VIDEO.replace("a=mid:0", "a=mid:b")
    offer = parse_offer(sdp(vp8, VIDEO, more, session=grouped("a", "0", "b")))
    answer = answer_to(offer)
    assert [media.direction for media in answer.media] == ["inactive", "sendonly", "inactive"]
    assert [media.port for media in answer.media] == [9, 9, 9]
    assert answer.group[0].items == ["a", "0", "b"]


@pytest.mark.parametrize("line", ["a=simulcast:send low;high", "a=rid:low send", "a=ssrc:5 cname:x", "a=msid:a b"])
def test_lines_about_the_peer_s_own_streams_are_not_repeated(line: str) -> None:
    offer = parse_offer(sdp(AUDIO + f"{line}\n", VIDEO + f"{line}\n", session=grouped("1", "0")))
    assert line not in write_answer(LOCAL, offer).sdp


def test_a_section_that_is_not_over_srtp_is_rejected() -> None:
    for profile in ("RTP/AVP", "UDP/BFCP"):
        audio = AUDIO.replace("UDP/TLS/RTP/SAVPF", profile)
        offer = parse_offer(sdp(audio, VIDEO, session=grouped("1", "0")))
        assert [media.port for media in answer_to(offer).media] == [0, 9]


def test_a_later_offer_has_the_sections_that_were_negotiated() -> None:
    negotiated = parse_offer(sdp(AUDIO, DATA, VIDEO, session=grouped("1", "d", "0")))
    offer = write_offer(LOCAL, negotiated)
    read = SessionDescription.parse(offer.sdp)
    assert [(media.kind, media.port) for media in read.media] == [("audio", 9), ("application", 0), ("video", 9)]
    assert read.group[0].items == ["1", "0"]


def test_an_answer_without_mids_answers_the_sections_at_their_places() -> None:
    answer = parse_answer(sdp(without(VIDEO, "a=mid"), session=grouped()), mids=["0"])
    assert (answer.mid, answer.transport) == ("0", ("0", 0))


@pytest.mark.parametrize("mid", ["", "x" * 65, "a b", "é", "a\u2028b"])
def test_a_mid_that_is_no_token_is_refused(mid: str) -> None:
    with pytest.raises(InvalidSdpError):
        parse_offer(sdp(VIDEO, session=grouped()).replace("a=mid:0", f"a=mid:{mid}"))


def test_two_sections_with_one_mid_are_refused() -> None:
    with pytest.raises(InvalidSdpError):
        parse_offer(sdp(VIDEO, VIDEO))


@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
def test_a_direction_of_the_session_part_holds_for_sections_without_one(direction: str) -> None:
    session = grouped("0") + f"a={direction}\n"
    with pytest.raises(InvalidSdpError, match=direction):
        parse_offer(sdp(without(VIDEO, "a=recvonly"), session=session))
    assert parse_offer(sdp(VIDEO, session=session)).sections[0].direction == "recvonly"


def test_extensions_of_the_session_part_hold_for_every_section() -> None:
    session = grouped("0") + "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid\n"
    assert parse_offer(sdp(without(VIDEO, "a=extmap:4"), session=session)).extensions.mid == 9
    assert parse_offer(sdp(VIDEO, session=session)).extensions.mid == 4


def test_an_extension_that_the_peer_only_sends_is_not_sent_to_it() -> None:
    assert parse_offer(sdp(VIDEO.replace("a=extmap:4 ", "a=extmap:4/sendonly "))).extensions.mid is None
