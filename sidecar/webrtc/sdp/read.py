"""The reader of peers' session descriptions, for the one video that the sidecar sends (RFC 8866, RFC 9429)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aioice import Candidate

from sidecar.contract.errors import InvalidSdpError
from sidecar.contract.types import SdpType
from sidecar.webrtc.sdp.bundle import Bundle, is_rejected, join_bundle
from sidecar.webrtc.sdp.codecs import CodecParameters, find_codec, no_codec_error, rejected_error
from sidecar.webrtc.sdp.extensions import ExtensionIds, extension_ids
from sidecar.webrtc.sdp.syntax import Section, bundles, split
from sidecar.webrtc.sdp.transport import (
    IceParameters,
    candidates,
    dtls_role,
    fingerprints,
    ice_parameters,
)


@dataclass(frozen=True, eq=False)
class RemoteDescription:
    """The facts in a peer's description that concern the sidecar's video section, which is number `index`.

    `bundle` says which other sections share its transport. `dtls_role` is the peer's: client, server or auto.
    """

    type: SdpType
    sections: tuple[Section, ...]
    index: int
    bundle: Bundle
    ice: IceParameters
    fingerprints: tuple[tuple[str, str], ...]
    dtls_role: str
    codec: CodecParameters
    extensions: ExtensionIds
    candidates: tuple[Candidate, ...]
    has_all_candidates: bool

    @property
    def mid(self) -> str | None:
        """The mid of the video section, None when the description has none."""
        return self.sections[self.index].mid

    @property
    def transport(self) -> tuple[str | None, int]:
        """The mid and the index of the section that the transport's candidates belong to (RFC 9143, 7.3.1)."""
        return self.sections[self.bundle.tagged].mid, self.bundle.tagged

    def section_of(self, mid: str | None, index: int | None) -> int | None:
        """Return the index of the section that a candidate names (W3C RTCIceCandidate), None when there is none.

        A candidate that names no section belongs to the transport.
        """
        by_mid = {section.mid: number for number, section in enumerate(self.sections) if section.mid is not None}
        if mid in by_mid:
            return by_mid[mid]
        if mid and by_mid:
            return None
        number = self.bundle.tagged if index is None else index
        return number if number < len(self.sections) else None


def parse_answer(
    sdp: str, *, mids: Sequence[str | None], index: int = 0, running: CodecParameters | None = None
) -> RemoteDescription:
    """Read the answer to the sidecar's offer, whose sections are `mids` with the video at `index`.

    `running` is the format of a video that is being sent. A section without a=mid answers the offered one at its
    place (RFC 9429, 5.11). Raises InvalidSdpError.
    """
    session, sections = split(sdp)
    if len(sections) != len(mids):
        raise InvalidSdpError("the answer has not as many media sections as the offer")
    sections = tuple(
        section if section.mid is not None else section._replace(mid=mid)
        for section, mid in zip(sections, mids, strict=True)
    )
    if [section.mid for section in sections] != list(mids):
        raise InvalidSdpError("the answer's media sections are not those of the offer")
    description = _describe("answer", session, sections, index, running)
    if description.dtls_role == "auto":
        raise InvalidSdpError("the answer has to choose a=setup:active or a=setup:passive")
    return description


def parse_offer(sdp: str, running: RemoteDescription | None = None) -> RemoteDescription:
    """Read an offer; its first video section that can receive the sidecar's H.264 is used. Raises InvalidSdpError.

    A later offer has the section of the `running` video at the same place (RFC 9429, 5.2.2), and further videos in it
    change nothing.
    """
    session, sections = split(sdp)
    if running is not None:
        if running.index >= len(sections):
            raise InvalidSdpError("the offer has not as many media sections as the one before")
        return _describe("offer", session, sections, running.index, running.codec)
    return _describe("offer", session, sections, _usable_video(session, sections))


def _usable_video(session: Section, sections: Sequence[Section]) -> int:
    """Return the index of the first video section that can be sent to, else the index for the best error message."""
    groups = bundles(session)
    videos = [number for number, section in enumerate(sections) if section.kind == "video"]
    live = [number for number in videos if not is_rejected(sections[number], groups)]
    receiving = [number for number in live if sections[number].receives]
    usable = next((number for number in receiving if find_codec(sections[number]) is not None), None)
    if not videos:
        raise InvalidSdpError("the offer has no video section", hint="Offer a video with the direction recvonly.")
    return usable if usable is not None else (receiving or live or videos)[0]


def _describe(
    kind: SdpType, session: Section, sections: tuple[Section, ...], index: int, running: CodecParameters | None = None
) -> RemoteDescription:
    groups = bundles(session)
    video = sections[index]
    codec = _checked_codec(video, groups, running)
    bundle = join_bundle(sections, index, groups)
    # Under BUNDLE the transport's attributes stand in the tagged section (RFC 9143, 7.1.3), or in the session part. The
    # other sections of the group are the last resort, as when they stand in a data section that the answer rejects.
    others = (sections[number] for number in bundle.offered)
    sources = (sections[bundle.tagged], session, video, *others)
    if all("rtcp-mux" not in source.attributes for source in sources):
        raise InvalidSdpError("the description has no a=rtcp-mux", hint="Use rtcpMuxPolicy `require`, the default.")
    ice = ice_parameters(sources)
    shared = [sections[number] for number in bundle.sharing(sections, ice.username_fragment)]
    return RemoteDescription(
        type=kind,
        sections=sections,
        index=index,
        bundle=bundle,
        ice=ice,
        fingerprints=fingerprints(sources),
        dtls_role=dtls_role(sources),
        codec=codec,
        extensions=extension_ids(video, session),
        candidates=candidates((session, *shared)),
        has_all_candidates=any("end-of-candidates" in source.attributes for source in sources),
    )


def _checked_codec(video: Section, groups: list[tuple[str, ...]], running: CodecParameters | None) -> CodecParameters:
    if video.kind != "video":
        raise InvalidSdpError("the description has another section where the video was offered")
    if is_rejected(video, groups):
        raise rejected_error(running)
    codec = find_codec(video, running)
    if codec is None:
        raise no_codec_error(video)
    if not video.receives:
        raise InvalidSdpError(
            f"the peer does not want to receive the video: its section is {video.direction}",
            hint="Give the video's transceiver the direction recvonly or sendrecv.",
        )
    return codec
