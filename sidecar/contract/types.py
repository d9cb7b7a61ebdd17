"""The contract's shared types: what stands inside parameters, results and notifications.

`Dictionary` is a W3C dictionary: members that it does not know are ignored, as browsers add their own. `Options` and
`Params` are ours: an unknown member is an error. All of them take names in camelCase and in snake_case, and are written
in snake_case; `IceCandidate` alone keeps the W3C's spelling on both ways. Null for a member that may be left out counts
as left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from sidecar.contract.limits import MAX_BITRATE, MAX_FPS, MAX_HEIGHT, MAX_WIDTH, MIN_BITRATE, MIN_FPS, MIN_SIDE

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

T = TypeVar("T")

DeviceId = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
ConnectionId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
SessionId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Sdp = Annotated[str, StringConstraints(min_length=1, max_length=256 * 1024)]
Bitrate = Annotated[int, Field(ge=MIN_BITRATE, le=MAX_BITRATE, description="bits per second")]
FrameRate = Annotated[float, Field(ge=MIN_FPS, le=MAX_FPS)]
Generation = Annotated[
    int, Field(ge=0, description="counts the ICE generations of a connection; candidates of an older one are stale")
]


class Result(BaseModel):
    """What goes out: snake_case, no member that the contract does not name."""

    model_config = ConfigDict(defer_build=True, extra="forbid")


class Incoming(BaseModel):
    """An object that comes in: null for a member with a default means the default."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if not isinstance(value, dict) or None not in value.values():
            return value
        fields = cls.model_fields.items()
        required = {key for name, field in fields if field.is_required() for key in (name, field.alias)}
        known = {key for name, field in fields for key in (name, field.alias)}
        # An unknown member stays, for the error that names it.
        return {key: item for key, item in value.items() if item is not None or key in required or key not in known}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made = handler.resolve_ref_schema(handler(schema))
        required = made.get("required", ())
        for name, member in made.get("properties", {}).items():
            if name not in required and {"type": "null"} not in member.get("anyOf", ()):
                made["properties"][name] = _nullable(member)
        return made


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of a member that may be null, too."""
    about = {"default", "description", "title"} & schema.keys()
    value = {key: item for key, item in schema.items() if key not in about}
    return {"anyOf": [value, {"type": "null"}]} | {key: schema[key] for key in schema if key in about}


class Options(Incoming):
    """An object of ours that comes in: both spellings, unknown members refused, numbers never from strings."""

    model_config = ConfigDict(
        defer_build=True, extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True
    )


class Params(Options):
    """The parameters of a method; the order of the fields is the order by position."""


class Empty(Params):
    """No parameters."""


class Done(Result):
    """The result of a method that returns no data."""


class Dictionary(Incoming):
    """A W3C dictionary that comes in: unknown members are ignored."""

    model_config = ConfigDict(
        defer_build=True, extra="ignore", strict=True, alias_generator=to_camel, populate_by_name=True
    )


# -- cameras ----------------------------------------------------------------------------------------------------------

CameraKind = Literal["camera", "test", "file", "rtsp"]
CameraStateName = Literal["opening", "streaming", "lost", "recovering", "stopped", "failed"]
PermissionStatus = Literal["granted", "denied", "not_determined", "restricted", "unknown"]


class RequestedFormat(Options):
    """What a viewer would like; the camera gives the nearest that it can and says which."""

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
    formats: list[CameraFormat] = Field(description="what the driver really offers; empty when it does not tell")
    platform: str = Field(description="linux, darwin or win32")


# -- encoding ---------------------------------------------------------------------------------------------------------


class EncodingOptions(Options):
    """How a camera is encoded. The first viewer's wishes count; set_encoding changes them later."""

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


class PlayoutDelay(Options):
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
        description="the ICE generation that the candidate belongs to; without it the newest one takes it",
    )


# -- statistics -------------------------------------------------------------------------------------------------------


class Latency(Result):
    """Two percentiles over the last seconds, in milliseconds; null as long as there is nothing to tell."""

    p50: float | None = None
    p95: float | None = None


QualityLevel = Literal["good", "fair", "poor"]
QualityReason = Literal["cpu", "network", "camera"]


class Quality(Result):
    """A plain word for what a viewer gets; it changes only when there is something to it for a while."""

    level: QualityLevel
    reason: QualityReason | None = Field(default=None, description="what keeps it from being good")
    hint: str | None = Field(default=None, description="the same for a person, and what may help")


class Counters(Result):
    """Figures that are counted in place, by whatever counts them: a counter is declared here and nowhere else.

    The members of a subclass begin with the value of `begins_with`. They are on the wire whether or not anything was
    counted, so the JSON Schema requires them and shows no default.
    """

    # Counting is an addition to a plain attribute, without validation: some counters are increased with each packet.
    __setattr__ = object.__setattr__

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made = handler.resolve_ref_schema(handler(schema))
        fields = cls.model_fields.items()
        made["required"] = [name for name, field in fields if field.is_required() or field.default_factory is not None]
        return made


def begins_with(value: T, description: str | None = None) -> T:
    """Return the field of a counter whose first value is `value`, an immutable one."""
    field: T = Field(default_factory=lambda: value, description=description)
    return field


class FramesDropped(Counters):
    """Frames that did not reach the encoder's output, by reason."""

    encoder_busy: int = begins_with(0, "a newer frame came before the encoder was free")
    no_viewer: int = begins_with(0, "nobody was watching")
    rate: int = begins_with(0, "left out to hold the frame rate asked for")


EncodingName = Literal["full", "reduced"]


class EncoderStats(Counters):
    """What one encoder counts and measures; part of EncodingStats and of CameraStats.

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
    encoding_ms: Latency = Field(default_factory=Latency, description="from there until it was encoded")
    capture_to_encoded_ms: Latency = Field(default_factory=Latency, description="both of them")


class EncodingStats(EncoderStats):
    """The encoding for viewers whose links carry far less than the best viewer's."""

    viewers: int


class OpenCamera(Result):
    """The part of CameraStats that its encoder does not count."""

    device_id: str
    state: CameraStateName
    viewers: int
    encoder: str
    wanted_bitrate: int = Field(description="bits per second that were asked for, or suit the picture's size")
    wanted_fps: float = Field(description="frames per second that were asked for, or the camera's format has")
    frames_captured: int
    frames_dropped: FramesDropped


class CameraStats(EncoderStats, OpenCamera):
    """One open camera; `width` to `keyframes_encoded` are those of the full encoding, and fall with a thin link."""

    reduced: EncodingStats | None = Field(
        description="the second encoding, while there are viewers with narrower links; null otherwise"
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
    """When a frame was captured: what ties a stream's clock to the wall clock."""

    rtp_timestamp: int = Field(ge=0, lt=2**32, description="as in its RTP packets, 90 kHz")
    captured_wall_ms: float = Field(description="milliseconds since 1970, by this machine's clock")


class OutboundStats(Counters):
    """What was sent to one viewer, and what the viewer reports of it; part of ConnectionStats.

    Names after the W3C's RTCOutboundRtpStreamStats and RTCRemoteInboundRtpStreamStats. The sender and the RTCP reader
    of a viewer add to the counters of one instance; the rest is set when a snapshot is taken. Members that a transport
    does not know keep their first value: a local stream has no RTCP reports.
    """

    candidate_pair: CandidatePair | None = begins_with(None)
    round_trip_time_ms: float | None = begins_with(None)
    packets_sent: int = begins_with(0)
    bytes_sent: int = begins_with(0, "RTP payload bytes")
    frames_sent: int = begins_with(0)
    frames_dropped: int = begins_with(0, "not sent because this viewer's queue was full")
    packets_lost: int = begins_with(0)
    fraction_lost: float = begins_with(0.0, "0 to 1, of the last receiver report")
    jitter_ms: float | None = begins_with(None)
    nack_count: int = begins_with(0)
    pli_count: int = begins_with(0)
    fir_count: int = begins_with(0)
    retransmitted_packets_sent: int = begins_with(0)
    available_bitrate: int | None = begins_with(
        None, "bits per second: the receiver's estimate, or what is made of its feedback"
    )
    link_bitrate: int | None = begins_with(None, "bits per second that the way carries; null while no limit is known")
    encoded_to_sent_ms: Latency = Field(default_factory=Latency)
    newest_frame: FrameTime | None = begins_with(None, "the last one sent over RTP")


class OpenConnection(Result):
    """The part of ConnectionStats that its sender does not count."""

    connection_id: str
    session_id: str | None
    device_id: str | None
    state: ConnectionState
    transport: Literal["webrtc", "local"]
    quality: Quality | None = Field(
        default=None, description="null while nothing is shown, and for the first second, before there is evidence"
    )
    encoding: EncodingName | None = Field(description="which encoding of the camera it shows; null: none")


class ConnectionStats(OutboundStats, OpenConnection):
    """One connection; names after the W3C's WebRTC statistics."""

    time_to_first_frame_ms: float | None = Field(description="from the request to the first frame sent")
    reconnections: int = begins_with(0)


class Stats(Result):
    """What get_stats returns and the stats notification carries."""

    monotonic_ms: float
    wall_ms: float
    cameras: list[CameraStats]
    connections: list[ConnectionStats]
