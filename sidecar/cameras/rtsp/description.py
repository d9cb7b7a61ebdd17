"""The camera's description of its streams (SDP, RFC 8866; RFC 2326, appendix C), and the choice of the video."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sidecar.cameras.rtsp.errors import EncodingError, EncryptedError, MalformedError, NoVideoError
from sidecar.cameras.rtsp.messages import MAX_BODY

MAX_LINES: Final = 2000
MAX_FORMATS: Final = 64
"""The number of payload types that are read of one media section."""

MAX_PARAMETERS: Final = 64
"""The number of parameters that are read of one fmtp line."""

STATIC_TYPES: Final = {25: "CelB", 26: "JPEG", 28: "nv", 31: "H261", 32: "MPV", 33: "MP2T", 34: "H263"}
"""The video payload types that need no rtpmap (RFC 3551, section 6)."""

SUPPORTED: Final = ("H264", "H265", "HEVC", "MP4V-ES", "JPEG")
"""The encoding names with a depacketiser (RFC 6184, 7798, 6416, 2435)."""

_RTPMAP = re.compile(r"(\d{1,3})[ \t]+([A-Za-z0-9._-]{1,32})/(\d{1,9})")
_FMTP = re.compile(r"(\d{1,3})[ \t]+(.*)")
_RATE = re.compile(r"\d{1,4}(?:\.\d{1,6})?")
_DIMENSIONS = re.compile(r"(\d{1,5})[,x-](\d{1,5})")


@dataclass(frozen=True, slots=True)
class VideoDescription:
    """The chosen video of a description.

    `control` is the control attribute of the video, `aggregate` the attribute of the whole presentation; both may be
    relative or empty. `parameters` are the parameters of the fmtp line, with names in lower case. `others` are the
    other payload types of the same section. `size` is (width, height) in pixels, if an attribute has it.
    """

    payload_type: int
    encoding: str
    clock_rate: int
    control: str
    aggregate: str
    parameters: Mapping[str, str]
    frame_rate: float | None
    size: tuple[int, int] | None
    others: frozenset[int]


@dataclass(slots=True)
class _Section:
    profile: str
    formats: list[int]
    attributes: dict[str, str] = field(default_factory=dict)
    encodings: dict[int, tuple[str, int]] = field(default_factory=dict)
    parameters: dict[int, str] = field(default_factory=dict)

    def name_of(self, payload_type: int) -> tuple[str, int]:
        return self.encodings.get(payload_type, (STATIC_TYPES.get(payload_type, "unknown"), 90_000))


def read_description(body: bytes) -> VideoDescription:
    """Return the first video whose encoding is supported.

    Raises NoVideoError, EncryptedError, EncodingError, MalformedError.
    """
    if len(body) > MAX_BODY:
        raise MalformedError(f"a description of more than {MAX_BODY} bytes")
    session, videos = _sections(body.decode("utf-8", "replace"))
    if not videos:
        raise NoVideoError
    plain = [video for video in videos if "SAVP" not in video.profile and "crypto" not in video.attributes]
    if not plain:
        raise EncryptedError
    for video in plain:
        for payload_type in video.formats:
            name, clock_rate = video.name_of(payload_type)
            if name in SUPPORTED and clock_rate > 0:
                return _video(session, video, payload_type)
    first = next((video.name_of(each)[0] for video in plain for each in video.formats), "unknown")
    raise EncodingError(first)


def _sections(text: str) -> tuple[_Section, list[_Section]]:
    """Return the session section, and the video sections that are not inactive."""
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise MalformedError(f"a description of more than {MAX_LINES} lines")
    if not any(line.startswith("v=") for line in lines[:3]):
        raise MalformedError("a description that is no SDP")
    session = current = _Section("", [])
    videos: list[_Section] = []
    for line in lines:
        if line.startswith("m="):
            current = _section(line)
            if line.startswith("m=video"):
                videos.append(current)
        elif line.startswith("a="):
            _read_attribute(current, line[2:])
    return session, [video for video in videos if "inactive" not in video.attributes]


def _section(line: str) -> _Section:
    words = line.split(None, 3 + MAX_FORMATS)
    formats = [int(word) for word in words[3 : 3 + MAX_FORMATS] if re.fullmatch(r"[0-9]{1,3}", word)]
    return _Section(words[2].upper() if len(words) > 2 else "", formats)


def _read_attribute(section: _Section, attribute: str) -> None:
    name, _, value = attribute.partition(":")
    if name == "rtpmap" and (rtpmap := _RTPMAP.match(value)):
        section.encodings.setdefault(int(rtpmap[1]), (rtpmap[2].upper(), int(rtpmap[3])))
    elif name == "fmtp" and (fmtp := _FMTP.match(value)):
        section.parameters.setdefault(int(fmtp[1]), fmtp[2])
    else:
        section.attributes.setdefault(name.strip().lower(), value.strip())


def _video(session: _Section, video: _Section, payload_type: int) -> VideoDescription:
    name, clock_rate = video.name_of(payload_type)
    return VideoDescription(
        payload_type=payload_type,
        encoding="H265" if name == "HEVC" else name,
        clock_rate=clock_rate,
        control=video.attributes.get("control", ""),
        aggregate=session.attributes.get("control", ""),
        parameters=_parameters(video.parameters.get(payload_type, "")),
        frame_rate=_frame_rate(video.attributes),
        size=_size(video.attributes),
        others=frozenset(video.formats) - {payload_type},
    )


def _parameters(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";", MAX_PARAMETERS)[:MAX_PARAMETERS])
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}


def _frame_rate(attributes: Mapping[str, str]) -> float | None:
    for name in ("framerate", "x-framerate"):
        if (found := _RATE.match(attributes.get(name, ""))) and 0 < float(found[0]) <= 1000:
            return float(found[0])
    return None


def _size(attributes: Mapping[str, str]) -> tuple[int, int] | None:
    """Return the size from an attribute. RFC 2435 cannot express sizes over 2040 pixels, so cameras add attributes."""
    for name in ("x-dimensions", "framesize"):
        value = attributes.get(name, "").rpartition(" ")[2]
        if found := _DIMENSIONS.fullmatch(value):
            return int(found[1]), int(found[2])
    return None


def control_url(base: str, control: str) -> str:
    """Return the URL of a control attribute. A relative one is appended to `base`, as cameras expect it.

    RFC 2326, C.1.1 requires the resolution of RFC 1808, which would drop the last segment and the query of `base`.
    """
    if control in ("", "*"):
        return base
    if re.match(r"rtsps?://", control, re.IGNORECASE):
        return printable(control)
    return printable(base.rstrip("/") + "/" + control.lstrip("/"))


def printable(url: str) -> str:
    """Return a URL with the characters percent-encoded that a request line must not contain."""
    return "".join(each if "!" <= each <= "~" else "".join(f"%{byte:02X}" for byte in each.encode()) for each in url)
