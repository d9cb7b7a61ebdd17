"""The facts in a peer's description, and the descriptions that are refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.contract.errors import InvalidSdpError
from sidecar.webrtc.sdp import MAX_CANDIDATES, CodecParameters, ExtensionIds, IceParameters, parse_answer, parse_offer
from sidecar.webrtc.sdp.syntax import MAX_LINES

FINGERPRINT = "sha-256 " + ":".join(["AB"] * 32)

VIDEO = f"""\
m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 106 107
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1 1 udp 2113937151 127.0.0.1 40000 typ host generation 0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=ice-options:trickle
a=fingerprint:{FINGERPRINT}
a=setup:active
a=mid:0
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:2/recvonly http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
a=extmap:6 http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time
a=recvonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:102 H264/90000
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=102
a=rtcp-fb:102 nack pli
a=rtcp-fb:102 ccm fir
a=rtcp-fb:102 transport-cc
a=rtpmap:106 H264/90000
a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:107 rtx/90000
a=fmtp:107 apt=106
a=rtcp-fb:106 nack
"""

SESSION = "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\na=group:BUNDLE 0\n"

AUDIO = VIDEO.replace("m=video", "m=audio").replace("a=mid:0", "a=mid:1").replace("40000", "40001")


FMTP = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={}"


def sdp(*sections: str, session: str = SESSION) -> str:
    return "\r\n".join((session + "".join(sections)).splitlines()) + "\r\n"


def test_an_answer_is_read() -> None:
    answer = parse_answer(sdp(VIDEO), mids=["0"])
    assert answer.codec == CodecParameters(106, 107, FMTP.format("42e01f"), feedback=("nack",))
    assert answer.extensions == ExtensionIds(
        mid=4, abs_send_time=2, playout_delay=5, abs_capture_time=6, transport_number=None
    )
    assert (answer.ice.username_fragment, answer.ice.password) == ("abcd", "abcdefghijklmnopqrstuvwx")
    assert answer.fingerprints == (("sha-256", FINGERPRINT.partition(" ")[2]),)
    assert answer.dtls_role == "client"
    assert [candidate.port for candidate in answer.candidates] == [40000]
    assert not answer.has_all_candidates


def test_plain_baseline_will_do() -> None:
    only = VIDEO.replace("a=rtpmap:106 H264", "a=rtpmap:106 AV1")
    assert parse_answer(sdp(only), mids=["0"]).codec == CodecParameters(
        102, 103, FMTP.format("42001f"), feedback=("transport-cc", "ccm fir", "nack pli")
    )


def test_transport_attributes_may_stand_in_the_session_part() -> None:
    names = ("a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=setup")
    moved = "".join(f"{line}\n" for line in VIDEO.splitlines() if line.startswith(names))
    rest = "".join(f"{line}\n" for line in VIDEO.splitlines() if not line.startswith(names))
    here, there = parse_answer(sdp(VIDEO), mids=["0"]), parse_answer(sdp(rest, session=SESSION + moved), mids=["0"])
    assert (there.ice, there.fingerprints, there.dtls_role) == (here.ice, here.fingerprints, here.dtls_role)


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ("v=0", "v=1"),
        ("m=video 9", "m=video 0"),
        ("m=video 9", "m=audio 9"),
        ("m=video 9", "m=video x"),
        ("a=mid:0", "a=mid:1"),
        ("a=recvonly", "a=sendonly"),
        ("a=recvonly", "a=inactive"),
        ("a=rtcp-mux", "a=x"),
        ("a=ice-ufrag:abcd", "a=ice-ufrag:ab"),
        ("a=ice-ufrag:abcd", "a=x"),
        ("a=ice-pwd:abcdefghijklmnopqrstuvwx", "a=ice-pwd:short"),
        ("a=fingerprint:sha-256", "a=fingerprint:md5"),
        ("a=fingerprint:", "a=x:"),
        ("a=setup:active", "a=setup:actpass"),
        ("a=setup:active", "a=setup:holdconn"),
        ("a=setup:active", "a=x"),
        ("H264/90000", "VP9/90000"),
        ("packetization-mode=1", "packetization-mode=0"),
        ("profile-level-id=42", "profile-level-id=64"),
        ("profile-level-id=42", "profile-level-id=zz"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused(there: str, instead: str) -> None:
    assert there in sdp(VIDEO)
    with pytest.raises(InvalidSdpError):
        parse_answer(sdp(VIDEO).replace(there, instead), mids=["0"])


def test_an_answer_without_a_profile_means_the_baseline_profile() -> None:
    # RFC 6184, 8.1; GStreamer answers so.
    assert "42001f" in sdp(VIDEO)
    answer = sdp(VIDEO).replace(";profile-level-id=42001f", "").replace(";profile-level-id=42e01f", "")
    assert "profile-level-id" not in answer
    assert parse_answer(answer, mids=["0"]).codec.payload_type == 102


def test_an_answer_to_another_offer_is_refused() -> None:
    with pytest.raises(InvalidSdpError):
        parse_answer(sdp(VIDEO, AUDIO), mids=["0"])


def test_the_offer_s_first_video_that_receives_is_chosen() -> None:
    sending = VIDEO.replace("a=recvonly", "a=sendonly").replace("a=mid:0", "a=mid:2")
    offer = parse_offer(sdp(AUDIO, sending, VIDEO).replace("setup:active", "setup:actpass"))
    assert (offer.index, offer.mid, offer.dtls_role) == (2, "0", "auto")
    assert offer.bundle.kept == (2,)
    assert [candidate.port for candidate in offer.candidates] == [40000]


def test_bundled_sections_share_their_candidates() -> None:
    session = SESSION.replace("BUNDLE 0", "BUNDLE 1 0")
    offer = parse_offer(sdp(AUDIO, VIDEO, session=session))
    assert offer.bundle.kept == (0, 1)
    assert {candidate.port for candidate in offer.candidates} == {40000, 40001}


def test_a_bundle_only_section_takes_the_transport_of_the_tagged_one() -> None:
    session = SESSION.replace("BUNDLE 0", "BUNDLE 1 0")
    names = ("a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=setup", "a=candidate")
    bare = "".join(f"{line}\n" for line in VIDEO.splitlines() if not line.startswith(names))
    bare = bare.replace("m=video 9", "m=video 0") + "a=bundle-only\n"
    offer = parse_offer(sdp(AUDIO, bare, session=session))
    assert (offer.mid, offer.ice.username_fragment) == ("0", "abcd")


def test_an_offer_without_a_video_to_receive_is_refused() -> None:
    for sections in ([AUDIO], [VIDEO.replace("a=recvonly", "a=sendonly")], []):
        with pytest.raises(InvalidSdpError):
            parse_offer(sdp(*sections))


def test_descriptions_are_bounded() -> None:
    with pytest.raises(InvalidSdpError):
        parse_offer(sdp(VIDEO, "a=x\n" * MAX_LINES))
    many = [f"a=candidate:1 1 udp 1 127.0.0.1 {port} typ host\n" for port in range(1, MAX_CANDIDATES + 1)]
    assert len(parse_offer(sdp(VIDEO, *many[1:])).candidates) == MAX_CANDIDATES
    with pytest.raises(InvalidSdpError):
        parse_offer(sdp(VIDEO, *many))


def test_a_candidate_that_cannot_be_read_is_left_out() -> None:
    strange = sdp(VIDEO, "a=candidate:1 1 udp 1 127.0.0.1 9 typ guest\n")
    assert len(parse_offer(strange).candidates) == 1


LINES = sdp(VIDEO, AUDIO).splitlines()


@given(st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=30)), max_size=40))
def test_any_text_is_a_description_or_refused(lines: list[str]) -> None:
    for text in ("\n".join(lines), "\r\n".join(["v=0", *lines])):
        for parse in (parse_offer, lambda sdp: parse_answer(sdp, mids=["0"])):
            with contextlib.suppress(InvalidSdpError):
                parse(text)


@given(st.sampled_from(range(len(LINES))), st.text(max_size=30))
def test_any_damage_to_a_line_is_survived(index: int, damage: str) -> None:
    damaged = [*LINES[:index], LINES[index][: len(LINES[index]) // 2] + damage, *LINES[index + 1 :]]
    with contextlib.suppress(InvalidSdpError):
        parse_offer("\r\n".join(damaged))


def test_ice_credentials_do_not_show_the_password() -> None:
    shown = repr(IceParameters("fragment", "a-password-of-24-letters"))
    assert "fragment" in shown
    assert "a-password-of-24-letters" not in shown
