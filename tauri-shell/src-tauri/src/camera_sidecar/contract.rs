//! What the contract lets a page call, generated from it by scripts/generate.py: do not edit.

/// Every method but those that are the app's own to call (shutdown).
pub const CALLABLE: [&str; 21] = [
    "rpc.discover",
    "initialize",
    "ping",
    "get_available_cameras",
    "request_camera_permission",
    "start_streaming",
    "stop_streaming",
    "start_camera_webrtc_session",
    "start_camera_local_session",
    "create_peer_connection",
    "connect_camera_to_webrtc",
    "create_offer",
    "create_answer",
    "set_remote_description",
    "add_ice_candidate",
    "get_connection_state",
    "close_connection",
    "get_stats",
    "subscribe_stats",
    "set_encoding",
    "request_keyframe",
];
