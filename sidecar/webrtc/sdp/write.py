"""The session descriptions that the sidecar writes: one sendonly video section, the others inactive or rejected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from aioice import Candidate

from sidecar.contract.types import SdpType
from sidecar.webrtc.sdp.codecs import CodecParameters
from sidecar.webrtc.sdp.extensions import (
    ABS_CAPTURE_TIME_URI,
    ABS_SEND_TIME_URI,
    MID_URI,
    PLAYOUT_DELAY_URI,
    TRANSPORT_NUMBER_URI,
    ExtensionIds,
)
from sidecar.webrtc.sdp.read import RemoteDescription
from sidecar.webrtc.sdp.syntax import Section


class SdpDescription(NamedTuple):
    """A local description: `type` is offer or answer."""

    type: SdpType
    sdp: str


@dataclass(frozen=True, eq=False)
class LocalTransport:
    """The transport of a local description: ICE, DTLS and candidates. Fingerprints are (algorithm, value)."""

    fingerprints: tuple[tuple[str, str], ...]
    username_fragment: str = ""
    password: str = field(default="", repr=False)
    setup: str = "actpass"
    candidates: tuple[Candidate, ...] = ()
    has_all_candidates: bool = False


@dataclass(frozen=True, eq=False)
class LocalDescription:
    """The facts that a local description is written from."""

    session_id: int
    stream_id: str
    cname: str
    ssrc: int
    rtx_ssrc: int
    transport: LocalTransport
    version: int = 0
    mid: str | None = "0"
    profile: str = "UDP/TLS/RTP/SAVPF"
    codec: CodecParameters = field(default_factory=CodecParameters)
    extensions: ExtensionIds = field(default_factory=ExtensionIds)


def write_offer(local: LocalDescription, negotiated: RemoteDescription | None = None) -> SdpDescription:
    """Write an offer with the one section; a later one has the sections that were `negotiated` (RFC 9429, 5.2.2)."""
    if negotiated is not None:
        return SdpDescription("offer", _write_like(negotiated, local))
    group = [local.mid] if local.mid is not None else []
    return SdpDescription("offer", _join([*_session_lines(local, group), *_video_lines(local)]))


def write_answer(local: LocalDescription, offer: RemoteDescription) -> SdpDescription:
    """Write the answer to an offer: its video section is sent, the others are kept inactive or are rejected.

    See RFC 9429, 5.3.1.
    """
    return SdpDescription("answer", _write_like(offer, local))


def _write_like(remote: RemoteDescription, local: LocalDescription) -> str:
    # An answer repeats the offer's profile, whichever of its spellings that is (RFC 9429, 5.3.1).
    profile = remote.sections[remote.index].profile
    accepted = replace(local, mid=remote.mid, profile=profile, codec=remote.codec, extensions=remote.extensions)
    mids = (remote.sections[number].mid for number in remote.bundle.kept)
    lines = _session_lines(accepted, [mid for mid in mids if mid is not None])
    for number, section in enumerate(remote.sections):
        if number == remote.index:
            lines += _video_lines(accepted)
        elif number in remote.bundle.kept:
            lines += _inactive_lines(section, accepted)
        else:
            lines += _rejected_lines(section, accepted)
    return _join(lines)


def _join(lines: Iterable[str]) -> str:
    return "\r\n".join(lines) + "\r\n"


def _session_lines(local: LocalDescription, group: list[str]) -> list[str]:
    return [
        "v=0",
        f"o=- {local.session_id} {local.version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        *([f"a=group:BUNDLE {' '.join(group)}"] if group else []),
        "a=msid-semantic:WMS *",
    ]


def _media_lines(section: Section, port: int) -> list[str]:
    return [f"m={section.kind} {port} {section.profile} {' '.join(section.formats)}", "c=IN IP4 0.0.0.0"]


def _mid_lines(mid: str | None) -> list[str]:
    return [f"a=mid:{mid}"] if mid is not None else []


def _inactive_lines(section: Section, local: LocalDescription) -> list[str]:
    """The lines of a section that stays in the BUNDLE group and carries no media."""
    return [
        *_media_lines(section, 9),
        "a=inactive",
        *_mid_lines(section.mid),
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=rtcp-mux",
        *_format_lines(section),
        *_transport_lines(local.transport),
    ]


def _rejected_lines(section: Section, local: LocalDescription) -> list[str]:
    # A rejected section needs none of its attributes (RFC 3264, 6), but several stacks fail without the lines that name
    # the codecs, the SCTP port, RTCP's multiplexing or the transport.
    return [
        *_media_lines(section, 0),
        "a=inactive",
        *_mid_lines(section.mid),
        *_format_lines(section),
        *(["a=rtcp-mux"] if "rtcp-mux" in section.attributes else []),
        *(f"a=sctp-port:{port}" for port in section.values("sctp-port")[:1]),
        *_identity_lines(local.transport),
    ]


def _format_lines(section: Section) -> list[str]:
    """The a=rtpmap and a=fmtp lines of the formats that the section lists, as the peer wrote them."""
    formats = frozenset(section.formats)
    listed = ((name, value) for name in ("rtpmap", "fmtp") for value in section.values(name))
    return [f"a={name}:{value}" for name, value in listed if value.partition(" ")[0] in formats]


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
        f"m=video 9 {local.profile} {' '.join(map(str, numbers))}",
        "c=IN IP4 0.0.0.0",
        "a=sendonly",
        *_mid_lines(local.mid),
        f"a=msid:{local.stream_id} {local.stream_id}",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        *(f"a=extmap:{number} {uri}" for number, uri in uris if number is not None),
        *_codec_lines(codec),
        *_ssrc_lines(local),
        *_transport_lines(local.transport),
    ]


def _codec_lines(codec: CodecParameters) -> list[str]:
    number = codec.payload_type
    lines = [
        f"a=rtpmap:{number} {codec.rtpmap}",
        *(f"a=rtcp-fb:{number} {kind}" for kind in codec.feedback),
        f"a=fmtp:{number} {codec.fmtp}",
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


def _transport_lines(transport: LocalTransport) -> list[str]:
    return [
        *(f"a=candidate:{candidate.to_sdp()}" for candidate in transport.candidates),
        *(["a=end-of-candidates"] if transport.has_all_candidates else []),
        *_identity_lines(transport),
    ]


def _identity_lines(transport: LocalTransport) -> list[str]:
    return [
        f"a=ice-ufrag:{transport.username_fragment}",
        f"a=ice-pwd:{transport.password}",
        "a=ice-options:trickle",
        *(f"a=fingerprint:{algorithm} {value}" for algorithm, value in transport.fingerprints),
        f"a=setup:{transport.setup}",
    ]
