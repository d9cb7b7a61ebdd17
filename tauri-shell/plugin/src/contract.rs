//! The methods that a page may call, generated from the contract by scripts/generate.py: do not edit.

/// A method that a page may call.
pub struct Method {
    /// its name in the contract
    pub name: &'static str,
    /// the name of its command
    pub command: &'static str,
    /// the names of its parameters, in their order by position
    pub params: &'static [&'static str],
    /// whether its result can name a connection or session that is new to the page
    pub names_new: bool,
}

/// An error of the contract that the plugin returns, too.
pub struct ErrorKind {
    pub code: i64,
    pub kind: &'static str,
    pub hint: &'static str,
}

/// Every method but those that only the app itself may call (shutdown).
#[rustfmt::skip] // a row for each
pub const METHODS: [Method; 23] = [
    Method { name: "initialize", command: "initialize", params: &["client_name", "client_version", "protocol_version"], names_new: false },
    Method { name: "rpc.discover", command: "rpc_discover", params: &[], names_new: false },
    Method { name: "ping", command: "ping", params: &[], names_new: false },
    Method { name: "get_available_cameras", command: "get_available_cameras", params: &[], names_new: false },
    Method { name: "request_camera_permission", command: "request_camera_permission", params: &["device_id"], names_new: false },
    Method { name: "start_streaming", command: "start_streaming", params: &["device_id", "format", "encoding"], names_new: true },
    Method { name: "stop_streaming", command: "stop_streaming", params: &["session_id"], names_new: false },
    Method { name: "set_format", command: "set_format", params: &["session_id", "format"], names_new: false },
    Method { name: "take_photo", command: "take_photo", params: &["session_id", "mime_type", "quality", "width", "height"], names_new: false },
    Method { name: "start_camera_webrtc_session", command: "start_camera_webrtc_session", params: &["device_id", "ice_servers", "format", "encoding", "playout_delay"], names_new: true },
    Method { name: "start_camera_local_session", command: "start_camera_local_session", params: &["device_id", "format", "encoding"], names_new: true },
    Method { name: "create_peer_connection", command: "create_peer_connection", params: &["ice_servers"], names_new: true },
    Method { name: "connect_camera_to_webrtc", command: "connect_camera_to_webrtc", params: &["connection_id", "device_id"], names_new: true },
    Method { name: "create_offer", command: "create_offer", params: &["connection_id", "ice_servers", "ice_restart"], names_new: true },
    Method { name: "create_answer", command: "create_answer", params: &["connection_id"], names_new: false },
    Method { name: "set_remote_description", command: "set_remote_description", params: &["connection_id", "description", "generation"], names_new: false },
    Method { name: "add_ice_candidate", command: "add_ice_candidate", params: &["connection_id", "candidate"], names_new: false },
    Method { name: "get_connection_state", command: "get_connection_state", params: &["connection_id"], names_new: false },
    Method { name: "close_connection", command: "close_connection", params: &["connection_id"], names_new: false },
    Method { name: "get_stats", command: "get_stats", params: &["connection_id"], names_new: false },
    Method { name: "subscribe_stats", command: "subscribe_stats", params: &["interval_ms"], names_new: false },
    Method { name: "set_encoding", command: "set_encoding", params: &["session_id", "bitrate", "max_bitrate", "fps"], names_new: false },
    Method { name: "request_keyframe", command: "request_keyframe", params: &["session_id"], names_new: false },
];

#[rustfmt::skip] // however long its hint is
pub const CONNECTION_NOT_FOUND: ErrorKind = ErrorKind {
    code: 1101,
    kind: "connection_not_found",
    hint: "Start a new session; this connection never existed or was closed long ago.",
};

#[rustfmt::skip] // however long its hint is
pub const SESSION_NOT_FOUND: ErrorKind = ErrorKind {
    code: 1201,
    kind: "session_not_found",
    hint: "Use the session_id that start_streaming or start_camera_webrtc_session returned.",
};
