/**
 * The sidecar's contract, generated from it by scripts/generate.py: do not edit.
 *
 * What goes in is written in camelCase here, as Tauri frontends do; what comes out is snake_case, as it is sent.
 */

/** A camera as get_available_cameras lists it. */
export interface Camera {
  /** stable: survives a reboot and replugging */
  device_id: string;
  /** for a person to read */
  name: string;
  description: string;
  kind: "camera" | "test" | "file" | "rtsp";
  /** false while another program holds it */
  is_available: boolean;
  /** what the driver really offers; empty when it does not tell */
  formats: CameraFormat[];
  /** linux, darwin or win32 */
  platform: string;
}

/** A format that a camera offers, or the one in force. */
export interface CameraFormat {
  /** pixels */
  width: number;
  /** pixels */
  height: number;
  /** frames per second */
  fps: number;
  /** FFmpeg's name, as in yuyv422, nv12, mjpeg, bgr24 */
  pixel_format: string;
}

/** One open camera; `width` to `keyframes_encoded` are those of the full encoding, and fall with a thin link. */
export interface CameraStats {
  device_id: string;
  state: "opening" | "streaming" | "lost" | "recovering" | "stopped" | "failed";
  viewers: number;
  encoder: string;
  /** bits per second that were asked for, or suit the picture's size */
  wanted_bitrate: number;
  /** frames per second that were asked for, or the camera's format has */
  wanted_fps: number;
  frames_captured: number;
  frames_dropped: FramesDropped;
  width: number;
  height: number;
  /** bits per second aimed at */
  target_bitrate: number;
  /** bits per second over the last second */
  bitrate: number;
  /** frames encoded over the last second */
  fps: number;
  frames_encoded: number;
  bytes_encoded: number;
  keyframes_encoded: number;
  /** from the driver's time stamp, where there is one, until the encoder took the picture */
  capture_to_encoder_ms: Latency;
  /** from there until it was encoded */
  encoding_ms: Latency;
  /** both of them */
  capture_to_encoded_ms: Latency;
  /** the second encoding, while there are viewers with narrower links; null otherwise */
  reduced: EncodingStats | null;
}

export interface CamerasResult {
  cameras: Camera[];
}

/** One end of the selected candidate pair. */
export interface CandidateEnd {
  type: "host" | "srflx" | "prflx" | "relay";
  protocol: "udp" | "tcp" | "tls";
  address: string;
  port: number;
}

/** The selected candidate pair (W3C WebRTC statistics, RTCIceCandidatePairStats). */
export interface CandidatePair {
  local: CandidateEnd;
  remote: CandidateEnd;
}

export interface Capabilities {
  encoders: string[];
  /** kinds of device_id that can be opened */
  sources: string[];
  features: string[];
}

export interface CloseConnectionResult {
  connection_id: string;
  device_id: string | null;
  session_id: string | null;
  /** whether no session uses the camera any more */
  camera_released: boolean;
  already_closed: boolean;
}

export interface ConnectCameraResult {
  session_id: string;
}

export interface ConnectionStateResult {
  connection_state: "new" | "connecting" | "connected" | "disconnected" | "reconnecting" | "failed" | "closed";
  ice_connection_state: "new" | "checking" | "connected" | "completed" | "disconnected" | "failed" | "closed";
  ice_gathering_state: "new" | "gathering" | "complete";
}

/** One connection; names after the W3C's WebRTC statistics. */
export interface ConnectionStats {
  connection_id: string;
  session_id: string | null;
  device_id: string | null;
  state: "new" | "connecting" | "connected" | "disconnected" | "reconnecting" | "failed" | "closed";
  transport: "webrtc" | "local";
  /** null while nothing is shown, and for the first second, before there is evidence */
  quality: Quality | null;
  /** which encoding of the camera it shows; null: none */
  encoding: "full" | "reduced" | null;
  candidate_pair: CandidatePair | null;
  round_trip_time_ms: number | null;
  packets_sent: number;
  /** RTP payload bytes */
  bytes_sent: number;
  frames_sent: number;
  /** not sent because this viewer's queue was full */
  frames_dropped: number;
  packets_lost: number;
  /** 0 to 1, of the last receiver report */
  fraction_lost: number;
  jitter_ms: number | null;
  nack_count: number;
  pli_count: number;
  fir_count: number;
  retransmitted_packets_sent: number;
  /** bits per second: the receiver's estimate, or what is made of its feedback */
  available_bitrate: number | null;
  /** bits per second that the way carries; null while no limit is known */
  link_bitrate: number | null;
  encoded_to_sent_ms: Latency;
  /** the last one sent over RTP */
  newest_frame: FrameTime | null;
  /** from the request to the first frame sent */
  time_to_first_frame_ms: number | null;
  reconnections: number;
}

export interface CreatePeerConnectionResult {
  connection_id: string;
}

export interface DescriptionResult {
  sdp_type: "offer" | "answer";
  sdp: string;
  connection_id: string;
  /** counts the ICE generations of a connection; candidates of an older one are stale */
  generation: number;
}

/** The result of a method that returns no data. */
export interface Done {
}

/** How a camera is encoded. The first viewer's wishes count; set_encoding changes them later. */
export interface EncodingOptions {
  bitrate?: number | null;
  maxBitrate?: number | null;
  encoder?: "auto" | "libx264" | null;
  /** seconds between periodic keyframes; 0: only when one is needed */
  keyframeInterval?: number | null;
}

/** The encoding for viewers whose links carry far less than the best viewer's. */
export interface EncodingStats {
  width: number;
  height: number;
  /** bits per second aimed at */
  target_bitrate: number;
  /** bits per second over the last second */
  bitrate: number;
  /** frames encoded over the last second */
  fps: number;
  frames_encoded: number;
  bytes_encoded: number;
  keyframes_encoded: number;
  /** from the driver's time stamp, where there is one, until the encoder took the picture */
  capture_to_encoder_ms: Latency;
  /** from there until it was encoded */
  encoding_ms: Latency;
  /** both of them */
  capture_to_encoded_ms: Latency;
  viewers: number;
}

/** The `data` member of an error of ours. */
export interface ErrorData {
  /** the error's name, for programs */
  kind: string;
  /** whether the same request can succeed later without a change */
  retryable: boolean;
  /** one sentence that tells a person what to do */
  hint: string;
  /** what else is known, by kind */
  details: Record<string, unknown> | null;
}

/** When a frame was captured: what ties a stream's clock to the wall clock. */
export interface FrameTime {
  /** as in its RTP packets, 90 kHz */
  rtp_timestamp: number;
  /** milliseconds since 1970, by this machine's clock */
  captured_wall_ms: number;
}

/** Frames that did not reach the encoder's output, by reason. */
export interface FramesDropped {
  /** a newer frame came before the encoder was free */
  encoder_busy: number;
  /** nobody was watching */
  no_viewer: number;
  /** left out to hold the frame rate asked for */
  rate: number;
}

/** W3C RTCIceCandidateInit, in the W3C's spelling. An empty candidate ends the candidates. */
export interface IceCandidateInit {
  candidate: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
  /** the ICE generation that the candidate belongs to; without it the newest one takes it */
  usernameFragment?: string | null;
}

/** W3C RTCIceServer. */
export interface IceServer {
  urls: string | string[];
  username?: string | null;
  credential?: string | null;
}

export interface InitializeResult {
  name: string;
  version: string;
  protocol_version: string;
  capabilities: Capabilities;
  platform: string;
}

/** Two percentiles over the last seconds, in milliseconds; null as long as there is nothing to tell. */
export interface Latency {
  p50: number | null;
  p95: number | null;
}

export interface PermissionResult {
  status: "granted" | "denied" | "not_determined" | "restricted" | "unknown";
  hint: string | null;
}

export interface PingResult {
  monotonic_ms: number;
  wall_ms: number;
}

/** The playout-delay RTP header extension: how long the receiver may hold a frame back. */
export interface PlayoutDelay {
  /** milliseconds, in steps of 10 */
  minMs?: number | null;
  /** milliseconds, in steps of 10 */
  maxMs?: number | null;
}

/** A plain word for what a viewer gets; it changes only when there is something to it for a while. */
export interface Quality {
  level: "good" | "fair" | "poor";
  /** what keeps it from being good */
  reason: "cpu" | "network" | "camera" | null;
  /** the same for a person, and what may help */
  hint: string | null;
}

/** What a viewer would like; the camera gives the nearest that it can and says which. */
export interface RequestedFormat {
  /** pixels */
  width?: number | null;
  /** pixels */
  height?: number | null;
  /** frames per second */
  fps?: number | null;
}

/** W3C RTCSessionDescriptionInit. */
export interface SessionDescription {
  type: "offer" | "answer";
  sdp: string;
}

export interface SetEncodingResult {
  session_id: string;
  bitrate: number;
  max_bitrate: number;
  fps: number;
  /** of the second encoding, for viewers with slower links; null while there is none */
  reduced_bitrate: number | null;
}

export interface StartCameraLocalSessionResult {
  /** ws://127.0.0.1:port/camera-sidecar/secret; good for one connection, within 15 s */
  url: string;
  connection_id: string;
  session_id: string;
  device_id: string;
  /** RFC 6381, as in avc1.42c01f */
  codec: string;
  /** the decoder's: an AVCDecoderConfigurationRecord, base64 */
  description: string;
  /** pixels */
  width: number;
  /** pixels */
  height: number;
  /** frames per second */
  fps: number;
}

export interface StartCameraWebrtcSessionResult {
  sdp_type: "offer";
  sdp: string;
  connection_id: string;
  session_id: string;
  device_id: string;
}

export interface StartStreamingResult {
  session_id: string;
  device_id: string;
  format: CameraFormat;
}

/** What get_stats returns and the stats notification carries. */
export interface Statistics {
  monotonic_ms: number;
  wall_ms: number;
  cameras: CameraStats[];
  connections: ConnectionStats[];
}

export interface StopStreamingResult {
  session_id: string;
  device_id: string;
  /** whether no session uses the camera any more */
  camera_released: boolean;
  already_stopped: boolean;
}

export interface Methods {
  /** Introduce the client; returns the sidecar's version and capabilities. */
  initialize: {
    params: { clientName?: string | null; clientVersion?: string | null; protocolVersion?: string | null };
    result: InitializeResult;
  };
  /** The sidecar's clocks. */
  ping: {
    params: Record<string, never>;
    result: PingResult;
  };
  /** Release every camera and end the process. */
  shutdown: {
    params: Record<string, never>;
    result: Done;
  };
  /** List the cameras, the test pattern last. */
  get_available_cameras: {
    params: Record<string, never>;
    result: CamerasResult;
  };
  /** Whether the system lets this process use a camera. */
  request_camera_permission: {
    params: { deviceId?: string | null };
    result: PermissionResult;
  };
  /** Open a camera and keep it open until stop_streaming. */
  start_streaming: {
    params: { deviceId: string; format?: RequestedFormat | null; encoding?: EncodingOptions | null };
    result: StartStreamingResult;
  };
  /** End a session; the last session of a camera releases it. */
  stop_streaming: {
    params: { sessionId: string };
    result: StopStreamingResult;
  };
  /** Open a camera, make a connection that shows it, and offer it. */
  start_camera_webrtc_session: {
    params: { deviceId: string; iceServers?: IceServer[] | null; format?: RequestedFormat | null; encoding?: EncodingOptions | null; playoutDelay?: PlayoutDelay | null };
    result: StartCameraWebrtcSessionResult;
  };
  /** Open a camera and give the address of a WebSocket on this machine that shows it, for webviews without WebRTC. */
  start_camera_local_session: {
    params: { deviceId: string; format?: RequestedFormat | null; encoding?: EncodingOptions | null };
    result: StartCameraLocalSessionResult;
  };
  /** Make a connection that shows no camera yet. */
  create_peer_connection: {
    params: { iceServers?: IceServer[] | null };
    result: CreatePeerConnectionResult;
  };
  /** Let a connection show a camera. */
  connect_camera_to_webrtc: {
    params: { connectionId: string; deviceId: string };
    result: ConnectCameraResult;
  };
  /** Offer a connection, make one when none is named; or restart its ICE. */
  create_offer: {
    params: { connectionId?: string | null; iceServers?: IceServer[] | null; iceRestart?: boolean | null };
    result: DescriptionResult;
  };
  /** Answer the other peer's offer, the first or one that restarts ICE. */
  create_answer: {
    params: { connectionId: string };
    result: DescriptionResult;
  };
  /** Take the other peer's offer or answer. */
  set_remote_description: {
    params: { connectionId: string; description: SessionDescription; generation?: number | null };
    result: Done;
  };
  /** Take a candidate of the other peer; null or an empty one ends them. */
  add_ice_candidate: {
    params: { connectionId: string; candidate: IceCandidateInit | null };
    result: Done;
  };
  /** The W3C states of a connection. */
  get_connection_state: {
    params: { connectionId: string };
    result: ConnectionStateResult;
  };
  /** Close a connection; the last session of its camera releases the camera. */
  close_connection: {
    params: { connectionId: string };
    result: CloseConnectionResult;
  };
  /** Statistics of one connection and its camera, or of all. */
  get_stats: {
    params: { connectionId?: string | null };
    result: Statistics;
  };
  /** Send the stats notification regularly. */
  subscribe_stats: {
    params: { intervalMs: number };
    result: Done;
  };
  /** Change bitrate or frame rate without renegotiation or keyframe. */
  set_encoding: {
    params: { sessionId: string; bitrate?: number | null; maxBitrate?: number | null; fps?: number | null };
    result: SetEncodingResult;
  };
  /** Make the next frame a keyframe. */
  request_keyframe: {
    params: { sessionId: string };
    result: Done;
  };
  /** The OpenRPC document of this program. */
  "rpc.discover": {
    params: Record<string, never>;
    result: Record<string, unknown>;
  };
}

export interface Events {
  /** The sidecar takes requests. */
  ready: { name: string; version: string; protocol_version: string; pid: number };
  /** A local candidate was found; null ends them. */
  ice_candidate: { connection_id: string; generation: number; candidate: IceCandidateInit | null };
  /** A connection's state changed. */
  connection_state: { connection_id: string; generation: number; state: "new" | "connecting" | "connected" | "disconnected" | "reconnecting" | "failed" | "closed"; reason: string | null };
  /**
   * The viewer was lost; answer with set_remote_description, generation included. A newer one replaces it. A
   * viewer whose side answers none for 10 s, or that ten tries do not reach in a minute, is failed and closed.
   */
  renegotiation_offer: { connection_id: string; generation: number; sdp_type: "offer"; sdp: string; replaces_peer: boolean };
  /**
   * A camera's state changed, once for each session that uses it. The session of a camera that is lost goes on:
   * its viewers see a picture that says so, and the camera itself when it is back, also as another device node,
   * for as long as the session lasts. It is tried at once when the system tells of a camera, else every 2 s at the
   * longest. Only a camera that stays forbidden, is not allowed, or whose driver hangs again and again fails.
   */
  camera_state: { device_id: string; session_id: string; state: "opening" | "streaming" | "lost" | "recovering" | "stopped" | "failed"; reason: string | null; hint: string | null };
  /** A camera came or went. */
  cameras_changed: { cameras: Camera[]; added: string[]; removed: string[] };
  /** Statistics, as often as subscribe_stats asked for. */
  stats: { monotonic_ms: number; wall_ms: number; cameras: CameraStats[]; connections: ConnectionStats[] };
  /** A line of the log, when the command line asked for them. */
  log: { level: "debug" | "info" | "warning" | "error"; message: string };
}
