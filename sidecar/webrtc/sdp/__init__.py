"""Session descriptions: a reader for the peers' and a writer for the sidecar's own (RFC 8866, RFC 9429)."""

from sidecar.webrtc.sdp.candidates import parse_candidate
from sidecar.webrtc.sdp.codecs import FEEDBACK, CodecParameters
from sidecar.webrtc.sdp.extensions import (
    ABS_CAPTURE_TIME_URI,
    ABS_SEND_TIME_URI,
    MID_URI,
    PLAYOUT_DELAY_URI,
    TRANSPORT_NUMBER_URI,
    ExtensionIds,
)
from sidecar.webrtc.sdp.read import RemoteDescription, parse_answer, parse_offer
from sidecar.webrtc.sdp.syntax import Section
from sidecar.webrtc.sdp.transport import MAX_CANDIDATES, IceParameters
from sidecar.webrtc.sdp.write import LocalDescription, LocalTransport, SdpDescription, write_answer, write_offer

__all__ = [
    "ABS_CAPTURE_TIME_URI",
    "ABS_SEND_TIME_URI",
    "FEEDBACK",
    "MAX_CANDIDATES",
    "MID_URI",
    "PLAYOUT_DELAY_URI",
    "TRANSPORT_NUMBER_URI",
    "CodecParameters",
    "ExtensionIds",
    "IceParameters",
    "LocalDescription",
    "LocalTransport",
    "RemoteDescription",
    "SdpDescription",
    "Section",
    "parse_answer",
    "parse_candidate",
    "parse_offer",
    "write_answer",
    "write_offer",
]
