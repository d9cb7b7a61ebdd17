//! The methods that a page may call, generated from the contract by scripts/generate.py: do not edit.

/// A method that a page may call.
pub struct Method {
    /// its name in the contract
    pub name: &'static str,
    /// the permission that allows it
    pub permission: &'static str,
    /// the names of its parameters, in their order by position
    pub params: &'static [&'static str],
    /// whether its result can name a connection or session that is new to the page
    pub names_new: bool,
}

/// An error of the contract that the shell returns, too.
pub struct ErrorKind {
    pub code: i64,
    pub kind: &'static str,
    pub hint: &'static str,
}

/// Every method but those that only the app itself may call (shutdown).
#[rustfmt::skip] // a row for each
pub const METHODS: [Method; 23] = [
    Method { name: "initialize", permission: "allow-camera-view", params: &["client_name", "client_version", "protocol_version"], names_new: false },
    Method { name: "rpc.discover", permission: "allow-camera-view", params: &[], names_new: false },
    Method { name: "ping", permission: "allow-camera-view", params: &[], names_new: false },
    Method { name: "get_available_cameras", permission: "allow-camera-view", params: &[], names_new: false },
    Method { name: "request_camera_permission", permission: "allow-camera-prompt", params: &["device_id"], names_new: false },
    Method { name: "start_streaming", permission: "allow-camera-streaming", params: &["device_id", "format", "encoding"], names_new: true },
    Method { name: "stop_streaming", permission: "allow-camera-view", params: &["session_id"], names_new: false },
    Method { name: "set_format", permission: "allow-camera-format", params: &["session_id", "format"], names_new: false },
    Method { name: "take_photo", permission: "allow-camera-photo", params: &["session_id", "mime_type", "quality", "width", "height"], names_new: false },
    Method { name: "start_camera_webrtc_session", permission: "allow-camera-view", params: &["device_id", "ice_servers", "format", "encoding", "playout_delay"], names_new: true },
    Method { name: "start_camera_local_session", permission: "allow-camera-view", params: &["device_id", "format", "encoding"], names_new: true },
    Method { name: "create_peer_connection", permission: "allow-camera-view", params: &["ice_servers"], names_new: true },
    Method { name: "connect_camera_to_webrtc", permission: "allow-camera-view", params: &["connection_id", "device_id"], names_new: true },
    Method { name: "create_offer", permission: "allow-camera-view", params: &["connection_id", "ice_servers", "ice_restart"], names_new: true },
    Method { name: "create_answer", permission: "allow-camera-view", params: &["connection_id"], names_new: false },
    Method { name: "set_remote_description", permission: "allow-camera-view", params: &["connection_id", "description", "generation"], names_new: false },
    Method { name: "add_ice_candidate", permission: "allow-camera-view", params: &["connection_id", "candidate"], names_new: false },
    Method { name: "get_connection_state", permission: "allow-camera-view", params: &["connection_id"], names_new: false },
    Method { name: "close_connection", permission: "allow-camera-view", params: &["connection_id"], names_new: false },
    Method { name: "get_stats", permission: "allow-camera-view", params: &["connection_id"], names_new: false },
    Method { name: "subscribe_stats", permission: "allow-camera-view", params: &["interval_ms"], names_new: false },
    Method { name: "set_encoding", permission: "allow-camera-encoding", params: &["session_id", "bitrate", "max_bitrate", "fps"], names_new: false },
    Method { name: "request_keyframe", permission: "allow-camera-encoding", params: &["session_id"], names_new: false },
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
