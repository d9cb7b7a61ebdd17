"""The session descriptions that we write: one sendonly H.264 section (RFC 8866, RFC 9429)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from aioice import Candidate

from sidecar.contract.types import SdpType
from sidecar.webrtc.sdp import (
    ABS_CAPTURE_TIME_URI,
    ABS_SEND_TIME_URI,
    MID_URI,
    PLAYOUT_DELAY_URI,
    TRANSPORT_NUMBER_URI,
    Codec,
    ExtensionIds,
    RemoteDescription,
    Section,
)


@dataclass(frozen=True)
class SdpDescription:
    """A local description: `type` is offer or answer."""

    type: SdpType
    sdp: str


@dataclass(frozen=True)
class LocalDescription:
    """What a description of ours is written from. Fingerprints are (algorithm, value)."""

    session_id: int
    stream_id: str
    cname: str
    ssrc: int
    rtx_ssrc: int
    fingerprints: tuple[tuple[str, str], ...]
    username_fragment: str = ""
    password: str = field(default="", repr=False)
    version: int = 0
    candidates: tuple[Candidate, ...] = ()
    has_all_candidates: bool = False
    setup: str = "actpass"
    mid: str = "0"
    codec: Codec = field(default_factory=Codec)
    extensions: ExtensionIds = field(default_factory=ExtensionIds)


def write_offer(local: LocalDescription, negotiated: RemoteDescription | None = None) -> SdpDescription:
    """An offer with the one section; a later one has the sections that were `negotiated` (RFC 9429, 5.2.2)."""
    if negotiated is not None:
        return SdpDescription("offer", _write_like(negotiated, local))
    return SdpDescription("offer", _join([*_session_lines(local), *_video_lines(local)]))


def write_answer(local: LocalDescription, offer: RemoteDescription) -> SdpDescription:
    """The answer to an offer: its chosen section is ours, the others are rejected (RFC 9429, 5.3.1)."""
    return SdpDescription("answer", _write_like(offer, local))


def _write_like(remote: RemoteDescription, local: LocalDescription) -> str:
    accepted = replace(local, mid=remote.mid, codec=remote.codec, extensions=remote.extensions)
    lines = _session_lines(accepted)
    for index, section in enumerate(remote.sections):
        lines += _video_lines(accepted) if index == remote.index else _rejected_lines(section)
    return _join(lines)


def _join(lines: list[str]) -> str:
    return "\r\n".join(lines) + "\r\n"


def _session_lines(local: LocalDescription) -> list[str]:
    return [
        "v=0",
        f"o=- {local.session_id} {local.version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {local.mid}",
        "a=msid-semantic:WMS *",
    ]


def _rejected_lines(section: Section) -> list[str]:
    media = f"m={section.kind} 0 {section.profile} {' '.join(section.formats)}"
    return [media, "c=IN IP4 0.0.0.0", "a=inactive", f"a=mid:{section.mid}"]


def _video_lines(local: LocalDescription) -> list[str]:
    codec, extensions = local.codec, local.extensions
    numbers = [n for n in (codec.payload_type, codec.rtx_payload_type) if n is not None]
    uris = (
        (extensions.mid, MID_URI),
        (extensions.abs_send_time, ABS_SEND_TIME_URI),
        (extensions.playout_delay, PLAYOUT_DELAY_URI),
        (extensions.abs_capture_time, ABS_CAPTURE_TIME_URI),
        (extensions.transport_number, TRANSPORT_NUMBER_URI),
    )
    return [
        f"m=video 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, numbers))}",
        "c=IN IP4 0.0.0.0",
        "a=sendonly",
        f"a=mid:{local.mid}",
        f"a=msid:{local.stream_id} {local.stream_id}",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        *(f"a=extmap:{number} {uri}" for number, uri in uris if number is not None),
        *_codec_lines(codec),
        *_ssrc_lines(local),
        *_transport_lines(local),
    ]


def _codec_lines(codec: Codec) -> list[str]:
    number = codec.payload_type
    lines = [
        f"a=rtpmap:{number} H264/90000",
        *(f"a=rtcp-fb:{number} {kind}" for kind in codec.feedback),
        f"a=fmtp:{number} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={codec.profile_level_id}",
    ]
    if codec.rtx_payload_type is not None:
        lines += [f"a=rtpmap:{codec.rtx_payload_type} rtx/90000", f"a=fmtp:{codec.rtx_payload_type} apt={number}"]
    return lines


def _ssrc_lines(local: LocalDescription) -> list[str]:
    lines = [f"a=ssrc:{local.ssrc} cname:{local.cname}"]
    if local.codec.rtx_payload_type is not None:
        lines.insert(0, f"a=ssrc-group:FID {local.ssrc} {local.rtx_ssrc}")
        lines.append(f"a=ssrc:{local.rtx_ssrc} cname:{local.cname}")
    return lines


def _transport_lines(local: LocalDescription) -> list[str]:
    return [
        *(f"a=candidate:{candidate.to_sdp()}" for candidate in local.candidates),
        *(["a=end-of-candidates"] if local.has_all_candidates else []),
        f"a=ice-ufrag:{local.username_fragment}",
        f"a=ice-pwd:{local.password}",
        "a=ice-options:trickle",
        *(f"a=fingerprint:{algorithm} {value}" for algorithm, value in local.fingerprints),
        f"a=setup:{local.setup}",
    ]
