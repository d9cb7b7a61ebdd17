"""The sections that share the video's transport; which of the others an answer keeps, and which it rejects (RFC 9143).

The sidecar sends one video. A viewer's offer may have more: audio, further videos, data channels. Rejecting a section
(port 0) takes it out of the group, and several stacks then lose the transport that the group was tagged with. So audio
and further videos stay in the group, inactive, which needs no media of either side; the sidecar has no SCTP, and data
channels are rejected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sidecar.webrtc.sdp.syntax import Section, parse_number

_SECURE_RTP: Final = frozenset(
    f"{transport}RTP/SAVP{feedback}"
    for transport in ("", "UDP/TLS/", "TCP/DTLS/", "TCP/TLS/")
    for feedback in ("", "F")
)
"""Profiles of RTP with keys from DTLS, in the spellings that RFC 9429, 5.1.2 lists."""


class Bundle(NamedTuple):
    """The numbers of the sections in one BUNDLE group with the video, in the group's order.

    `kept` have the transport in common after the answer; the first of them, `tagged`, carries its attributes. Without
    a group `kept` is empty, and the video's own section is the tagged one. `offered` are all sections of the group.
    """

    kept: tuple[int, ...]
    offered: tuple[int, ...]
    tagged: int

    def sharing(self, sections: Sequence[Section], username_fragment: str) -> list[int]:
        """Return the sections whose candidates belong to the transport: before an answer a section may have its own."""
        own = (number for number in self.offered or (self.tagged,))
        return [n for n in own if sections[n].first("ice-ufrag") in (None, username_fragment)]


def is_rejected(section: Section, groups: Iterable[tuple[str, ...]]) -> bool:
    """Return whether a section is out of use: its port is 0, and it is not bundle-only in a group (RFC 9143, 6)."""
    return section.port == 0 and not ("bundle-only" in section.attributes and _group_of(section, groups))


def join_bundle(sections: Sequence[Section], index: int, groups: Sequence[tuple[str, ...]]) -> Bundle:
    """Return the sections that are bundled with the video section `index`."""
    group = _group_of(sections[index], groups)
    numbers = {section.mid: number for number, section in enumerate(sections) if section.mid is not None}
    offered = tuple(numbers[mid] for mid in group if mid in numbers)
    kept = tuple(
        number
        for number in offered
        if number == index or (can_be_kept(sections[number]) and not is_rejected(sections[number], groups))
    )
    # The tagged section is the first one kept that has an address of its own (RFC 9143, 7.3.1).
    tagged = next((number for number in kept if sections[number].port != 0), index)
    return Bundle(tuple(sorted(kept, key=lambda number: number != tagged)), offered, tagged)


def can_be_kept(section: Section) -> bool:
    """Return whether an answer may leave a section without media in its group: audio or video over SRTP."""
    return (
        section.kind in ("audio", "video")
        and section.profile in _SECURE_RTP
        and all(parse_number(each, 127) is not None for each in section.formats)
    )


def _group_of(section: Section, groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return next((group for group in groups if section.mid in group), ())
