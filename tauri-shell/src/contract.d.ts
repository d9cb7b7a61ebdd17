/**
 * The part of the sidecar's contract that this frontend uses, as types. The source is the OpenRPC document in schemas/.
 * Parameters are written in camelCase here, as Tauri frontends do; results are snake_case, as the sidecar sends them.
 */

export interface CameraFormat {
  width: number;
  height: number;
  /** frames per second */
  fps: number;
  /** FFmpeg's name, as in yuyv422, nv12, mjpeg */
  pixel_format: string;
}

export interface Camera {
  device_id: string;
  name: string;
  description: string;
  kind: "camera" | "test" | "file" | "rtsp";
  /** false while another program holds it */
  is_available: boolean;
  formats: CameraFormat[];
  platform: string;
}

export interface RequestedFormat {
  width?: number;
  height?: number;
  fps?: number;
}

export interface EncodingOptions {
  /** bits per second */
  bitrate?: number;
  maxBitrate?: number;
  encoder?: "auto" | "libx264";
  /** seconds between periodic keyframes; 0: only when one is needed */
  keyframeInterval?: number;
}

export interface PlayoutDelay {
  minMs?: number;
  maxMs?: number;
}

export interface IceServer {
  urls: string | string[];
  username?: string;
  credential?: string;
}

export interface IceCandidate {
  candidate: string;
  sdpMid?: string | null | undefined;
  sdpMLineIndex?: number | null | undefined;
  /** the guide's spelling; the sidecar takes both */
  sdpMlineIndex?: number | null | undefined;
}

export type ConnectionState =
  | "new" | "connecting" | "connected" | "disconnected" | "reconnecting" | "failed" | "closed";
export type CameraState = "opening" | "streaming" | "lost" | "recovering" | "stopped" | "failed";

/** Percentiles over the last seconds, in milliseconds; null as long as there is nothing to tell. */
export interface Latency {
  p50: number | null;
  p95: number | null;
}

export interface CameraStats {
  device_id: string;
  state: CameraState;
  viewers: number;
  width: number;
  height: number;
  encoder: string;
  /** bits per second aimed at */
  target_bitrate: number;
  /** bits per second over the last second */
  bitrate: number;
  fps: number;
  frames_captured: number;
  frames_dropped: { encoder_busy: number; no_viewer: number; rate: number };
  frames_encoded: number;
  bytes_encoded: number;
  keyframes_encoded: number;
  capture_to_encoded_ms: Latency;
}

export interface CandidateEnd {
  type: "host" | "srflx" | "prflx" | "relay";
  protocol: "udp" | "tcp" | "tls";
  address: string;
  port: number;
}

export interface ConnectionStats {
  connection_id: string;
  session_id: string | null;
  device_id: string | null;
  state: ConnectionState;
  candidate_pair: { local: CandidateEnd; remote: CandidateEnd } | null;
  round_trip_time_ms: number | null;
  packets_sent: number;
  bytes_sent: number;
  frames_sent: number;
  frames_dropped: number;
  packets_lost: number;
  fraction_lost: number;
  jitter_ms: number | null;
  nack_count: number;
  pli_count: number;
  fir_count: number;
  retransmitted_packets_sent: number;
  available_bitrate: number | null;
  encoded_to_sent_ms: Latency;
  time_to_first_frame_ms: number | null;
  reconnections: number;
}

export interface Stats {
  monotonic_ms: number;
  wall_ms: number;
  cameras: CameraStats[];
  connections: ConnectionStats[];
}

/** An offer or answer; it can also be taken apart as `[{type, sdp_type, sdp}, connectionId]`. */
export interface DescriptionResult extends Iterable<any> {
  sdp_type: "offer" | "answer";
  sdp: string;
  connection_id: string;
}

export interface WebrtcSessionResult extends DescriptionResult {
  session_id: string;
  device_id: string;
}

export interface InitializeResult {
  name: string;
  version: string;
  protocol_version: string;
  capabilities: { encoders: string[]; sources: string[]; features: string[] };
  platform: string;
}

export interface Methods {
  initialize: {
    params: { clientName?: string; clientVersion?: string; protocolVersion?: string };
    result: InitializeResult;
  };
  get_available_cameras: { params: Record<string, never>; result: { cameras: Camera[] } };
  start_camera_webrtc_session: {
    params: {
      deviceId: string;
      iceServers?: IceServer[];
      format?: RequestedFormat;
      encoding?: EncodingOptions;
      playoutDelay?: PlayoutDelay;
    };
    result: WebrtcSessionResult;
  };
  set_remote_description: {
    params: { connectionId: string; description: { type: "offer" | "answer"; sdp: string } };
    result: Record<string, never>;
  };
  add_ice_candidate: {
    params: { connectionId: string; candidate: IceCandidate | null };
    result: Record<string, never>;
  };
  close_connection: {
    params: { connectionId: string };
    result: {
      connection_id: string;
      device_id: string | null;
      session_id: string | null;
      camera_released: boolean;
      already_closed: boolean;
    };
  };
  get_stats: { params: { connectionId?: string }; result: Stats };
}

export interface Events {
  ice_candidate: { connection_id: string; generation: number; candidate: IceCandidate | null };
  connection_state: {
    connection_id: string;
    generation: number;
    state: ConnectionState;
    reason: string | null;
  };
  camera_state: {
    device_id: string;
    session_id: string;
    state: CameraState;
    reason: string | null;
    hint: string | null;
  };
  cameras_changed: { cameras: Camera[]; added: string[]; removed: string[] };
}

/** The `data` member of an error. */
export interface ErrorData {
  kind: string;
  /** whether the same request can succeed later without a change */
  retryable: boolean;
  /** one sentence that tells a person what to do */
  hint: string;
  details?: Record<string, unknown> | null;
}

/** What carries requests to the sidecar and its notifications back. */
export interface Carrier {
  request(method: string, params: object): Promise<unknown>;
  /** Returns the function that ends the listening. */
  listen(event: string, handler: (params: any) => void): () => void;
}
