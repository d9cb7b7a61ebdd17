"""The types that the contract's parameters, results and notifications share."""

from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints

from sidecar.contract.limits import MAX_BITRATE, MAX_FPS, MAX_HEIGHT, MAX_WIDTH, MIN_BITRATE, MIN_FPS, MIN_SIDE
from sidecar.contract.models import Counters, Dictionary, Result, StrictInput, begins_with

DeviceId = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
ConnectionId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
SessionId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Sdp = Annotated[str, StringConstraints(min_length=1, max_length=256 * 1024)]
Bitrate = Annotated[int, Field(ge=MIN_BITRATE, le=MAX_BITRATE, description="bits per second")]
FrameRate = Annotated[float, Field(ge=MIN_FPS, le=MAX_FPS)]
Generation = Annotated[
    int, Field(ge=0, description="counts the ICE generations of a connection; candidates of an older one are stale")
]


# -- cameras ----------------------------------------------------------------------------------------------------------

CameraKind = Literal["camera", "test", "file", "rtsp"]
CameraStateName = Literal["opening", "streaming", "lost", "recovering", "stopped", "failed"]
PermissionStatus = Literal["granted", "denied", "not_determined", "restricted", "unknown"]


class RequestedFormat(StrictInput):
    """The preferred format. The camera is opened with the nearest format that it offers, which the result names."""

    width: int | None = Field(default=None, ge=MIN_SIDE, le=MAX_WIDTH, description="pixels")
    height: int | None = Field(default=None, ge=MIN_SIDE, le=MAX_HEIGHT, description="pixels")
    fps: FrameRate | None = Field(default=None, description="frames per second")


class CameraFormat(Result):
    """A format that a camera offers, or the one in force."""

    width: int = Field(description="pixels")
    height: int = Field(description="pixels")
    fps: float = Field(description="frames per second")
    pixel_format: str = Field(description="FFmpeg's name, as in yuyv422, nv12, mjpeg, bgr24")


class Camera(Result):
    """A camera as get_available_cameras lists it."""

    device_id: str = Field(description="stable: survives a reboot and replugging")
    name: str = Field(description="for a person to read")
    description: str
    kind: CameraKind
    is_available: bool = Field(description="false while another program holds it")
    formats: list[CameraFormat] = Field(description="as the driver lists them; empty when it lists none")
    platform: str = Field(description="linux, darwin or win32")


# -- encoding ---------------------------------------------------------------------------------------------------------


class EncodingOptions(StrictInput):
    """How a camera is encoded. The first viewer's options apply; set_encoding changes them later."""

    bitrate: Bitrate | None = None
    max_bitrate: Bitrate | None = None
    encoder: Literal["auto", "libx264"] | None = None
    keyframe_interval: float | None = Field(
        default=None, ge=0, le=3600, description="seconds between periodic keyframes; 0: only when one is needed"
    )


# -- WebRTC -----------------------------------------------------------------------------------------------------------

SdpType = Literal["offer", "answer"]
ConnectionState = Literal["new", "connecting", "connected", "disconnected", "reconnecting", "failed", "closed"]
IceConnectionState = Literal["new", "checking", "connected", "completed", "disconnected", "failed", "closed"]
IceGatheringState = Literal["new", "gathering", "complete"]
CandidateType = Literal["host", "srflx", "prflx", "relay"]

IceUrl = Annotated[str, StringConstraints(min_length=1, max_length=512)]


class IceServer(Dictionary):
    """W3C RTCIceServer."""

    urls: IceUrl | Annotated[list[IceUrl], Field(max_length=8)]
    username: str | None = Field(default=None, max_length=512)
    credential: str | None = Field(default=None, max_length=512, repr=False)


IceServers = Annotated[list[IceServer], Field(max_length=16)]


class PlayoutDelay(StrictInput):
    """The playout-delay RTP header extension: how long the receiver may hold a frame back."""

    min_ms: int = Field(default=0, ge=0, le=40_950, description="milliseconds, in steps of 10")
    max_ms: int = Field(default=0, ge=0, le=40_950, description="milliseconds, in steps of 10")


class SessionDescription(Dictionary):
    """W3C RTCSessionDescriptionInit."""

    type: SdpType
    sdp: Sdp


class IceCandidate(BaseModel):
    """W3C RTCIceCandidateInit, in the W3C's spelling. An empty candidate ends the candidates."""

    model_config = ConfigDict(defer_build=True, extra="ignore", strict=True, populate_by_name=True)

    candidate: Annotated[str, StringConstraints(max_length=1024)]
    sdpMid: str | None = Field(  # noqa: N815 - the W3C's name
        default=None, max_length=64, validation_alias=AliasChoices("sdpMid", "sdp_mid")
    )
    sdpMLineIndex: int | None = Field(  # noqa: N815 - the W3C's name
        default=None,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("sdpMLineIndex", "sdpMlineIndex", "sdp_m_line_index", "sdp_mline_index"),
    )
    usernameFragment: str | None = Field(  # noqa: N815 - the W3C's name
        default=None,
        max_length=256,
        validation_alias=AliasChoices("usernameFragment", "username_fragment"),
        description="the ICE generation of the candidate; without it the candidate belongs to the newest one",
    )


# -- statistics -------------------------------------------------------------------------------------------------------


class Latency(Result):
    """Two percentiles over the last seconds, in milliseconds; null without samples."""

    p50: float | None = None
    p95: float | None = None


QualityLevel = Literal["good", "fair", "poor"]
QualityReason = Literal["cpu", "network", "camera"]


class Quality(Result):
    """The quality of a connection in one word; it changes only when another level has lasted for a while."""

    level: QualityLevel
    reason: QualityReason | None = Field(default=None, description="the cause, unless the level is good")
    hint: str | None = Field(default=None, description="the cause and a remedy, for a person to read")


class FramesDropped(Counters):
    """Frames that did not reach the encoder's output, by reason."""

    encoder_busy: int = begins_with(0, "a newer frame came before the encoder was free")
    no_viewer: int = begins_with(0, "no viewer was connected")
    rate: int = begins_with(0, "left out to hold the requested frame rate")


EncodingName = Literal["full", "reduced"]


class EncoderStats(Counters):
    """The counters and measurements of one encoder; part of EncodingStats and of CameraStats.

    The encoder adds to the counters of its own instance, and sets the rates and latencies when a snapshot is taken:
    `EncodingStats(viewers=1, **vars(snapshot))`. Width and height are 0 before the first picture.
    """

    width: int = begins_with(0)
    height: int = begins_with(0)
    target_bitrate: int = begins_with(0, "bits per second aimed at")
    bitrate: int = begins_with(0, "bits per second over the last second")
    fps: float = begins_with(0.0, "frames encoded over the last second")
    frames_encoded: int = begins_with(0)
    bytes_encoded: int = begins_with(0)
    keyframes_encoded: int = begins_with(0)
    capture_to_encoder_ms: Latency = Field(
        default_factory=Latency,
        description="from the driver's time stamp, where there is one, until the encoder took the picture",
    )
    encoding_ms: Latency = Field(default_factory=Latency, description="from then until the picture was encoded")
    capture_to_encoded_ms: Latency = Field(default_factory=Latency, description="the sum of both")


class EncodingStats(EncoderStats):
    """The second encoding, for viewers with far less link capacity than the best viewer."""

    viewers: int


class OpenCamera(Result):
    """The part of CameraStats that its encoder does not count."""

    device_id: str
    state: CameraStateName
    format: CameraFormat = Field(description="the camera's format in force")
    viewers: int
    encoder: str
    wanted_bitrate: int = Field(description="bits per second: as requested, or the default for the picture's size")
    wanted_fps: float = Field(description="frames per second: as requested, or those of the camera's format")
    frames_captured: int
    frames_dropped: FramesDropped


class CameraStats(EncoderStats, OpenCamera):
    """One open camera. The encoder's figures are those of the full encoding; its size falls with the link capacity.
    While nothing is encoded, the size is the camera's.
    """

    reduced: EncodingStats | None = Field(
        description="the second encoding, while there are viewers with less link capacity; null otherwise"
    )


class CandidateEnd(Result):
    """One end of the selected candidate pair."""

    type: CandidateType
    protocol: Literal["udp", "tcp", "tls"]
    address: str
    port: int


class CandidatePair(Result):
    """The selected candidate pair (W3C WebRTC statistics, RTCIceCandidatePairStats)."""

    local: CandidateEnd
    remote: CandidateEnd


class FrameTime(Result):
    """The capture time of a frame, which relates the clock of the RTP stream to the wall clock."""

    rtp_timestamp: int = Field(ge=0, lt=2**32, description="as in its RTP packets, 90 kHz")
    captured_wall_ms: float = Field(description="milliseconds since 1970, by this machine's clock")


class RemoteInboundStats(Counters):
    """The figures of a viewer's reports (W3C RTCRemoteInboundRtpStreamStats); part of OutboundStats.

    `available_bitrate` and `link_bitrate` are derived from the viewer's feedback. A transport without such reports, as
    a local stream, leaves the first values.
    """

    round_trip_time_ms: float | None = begins_with(None)
    packets_lost: int = begins_with(0)
    fraction_lost: float = begins_with(0.0, "0 to 1, of the last receiver report")
    jitter_ms: float | None = begins_with(None)
    available_bitrate: int | None = begins_with(
        None, "bits per second: the receiver's estimate, or the estimate made from its feedback"
    )
    link_bitrate: int | None = begins_with(None, "the link capacity in bits per second; null while no limit is known")


class OutboundStats(RemoteInboundStats):
    """The figures of the stream to one viewer (W3C RTCOutboundRtpStreamStats); part of ConnectionStats.

    The sender and the RTCP reader of a viewer add to the counters of one instance; the other members are set when a
    snapshot is taken.
    """

    candidate_pair: CandidatePair | None = begins_with(None)
    packets_sent: int = begins_with(0)
    bytes_sent: int = begins_with(0, "RTP payload bytes")
    frames_sent: int = begins_with(0)
    frames_dropped: int = begins_with(0, "not sent because this viewer's queue was full")
    nack_count: int = begins_with(0)
    pli_count: int = begins_with(0)
    fir_count: int = begins_with(0)
    retransmitted_packets_sent: int = begins_with(0)
    encoded_to_sent_ms: Latency = Field(default_factory=Latency)
    newest_frame: FrameTime | None = begins_with(None, "the last frame sent over RTP")


class OpenConnection(Result):
    """The part of ConnectionStats that its sender does not count."""

    connection_id: str
    session_id: str | None
    device_id: str | None
    state: ConnectionState
    transport: Literal["webrtc", "local"]
    quality: Quality | None = Field(
        default=None, description="null while no picture is shown, and in the first second, before there is evidence"
    )
    encoding: EncodingName | None = Field(description="the encoding of the camera that it shows; null: none")


class ConnectionStats(OutboundStats, OpenConnection):
    """One connection; names after the W3C's WebRTC statistics."""

    time_to_first_frame_ms: float | None = Field(description="from the request until the first frame was sent")
    reconnections: int = begins_with(0)


class Stats(Result):
    """The result of get_stats and the parameters of the stats notification."""

    monotonic_ms: float
    wall_ms: float
    cameras: list[CameraStats]
    connections: list[ConnectionStats]
