"""One example of every method and event, as it goes over the wire; the OpenRPC document shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

CONNECTION_ID = "6c1f9a52-6f0e-4c55-9b0b-0f1c3b9c7f6e"
SESSION_ID = "f3b8f7a4-2c55-4a9e-8a57-1f4b6f7d2c10"
DEVICE_ID = "v4l2:pci-0000:00:14.0-usb-0:2:1.0"
FORMAT: Json = {"width": 1280, "height": 720, "fps": 30.0, "pixel_format": "mjpeg"}
SDP = "v=0\r\no=- 3906000000 3906000000 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
CANDIDATE: Json = {
    "candidate": "candidate:1 1 udp 2130706431 127.0.0.1 51234 typ host",
    "sdpMid": "0",
    "sdpMLineIndex": 0,
    "usernameFragment": "aBcD",
}
TEST_PATTERN: Json = {
    "device_id": "test:pattern",
    "name": "Test pattern",
    "description": "A moving picture with the wall clock in it",
    "kind": "test",
    "is_available": True,
    "formats": [{"width": 1280, "height": 720, "fps": 30.0, "pixel_format": "yuv420p"}],
    "platform": "linux",
}
CAMERA: Json = {
    "device_id": DEVICE_ID,
    "name": "HD Webcam",
    "description": "HD Webcam at usb-0000:00:14.0-2",
    "kind": "camera",
    "is_available": True,
    "formats": [FORMAT],
    "platform": "linux",
}
STATS: Json = {
    "monotonic_ms": 81234.5,
    "wall_ms": 1767225600000.0,
    "cameras": [
        {
            "device_id": DEVICE_ID,
            "state": "streaming",
            "viewers": 1,
            "width": 1280,
            "height": 720,
            "encoder": "libx264",
            "wanted_bitrate": 2500000,
            "target_bitrate": 2500000,
            "bitrate": 2431000,
            "wanted_fps": 30.0,
            "fps": 30.0,
            "frames_captured": 900,
            "frames_dropped": {"encoder_busy": 0, "no_viewer": 12, "rate": 0},
            "frames_encoded": 888,
            "bytes_encoded": 9100000,
            "keyframes_encoded": 2,
            "capture_to_encoder_ms": {"p50": 1.1, "p95": 2.2},
            "encoding_ms": {"p50": 4.0, "p95": 6.2},
            "capture_to_encoded_ms": {"p50": 6.1, "p95": 9.4},
            "reduced": None,
        }
    ],
    "connections": [
        {
            "connection_id": CONNECTION_ID,
            "session_id": SESSION_ID,
            "device_id": DEVICE_ID,
            "state": "connected",
            "transport": "webrtc",
            "quality": {"level": "good", "reason": None, "hint": None},
            "encoding": "full",
            "candidate_pair": {
                "local": {"type": "host", "protocol": "udp", "address": "127.0.0.1", "port": 51234},
                "remote": {"type": "prflx", "protocol": "udp", "address": "127.0.0.1", "port": 40022},
            },
            "round_trip_time_ms": 0.4,
            "packets_sent": 8210,
            "bytes_sent": 9080000,
            "frames_sent": 887,
            "frames_dropped": 0,
            "packets_lost": 0,
            "fraction_lost": 0.0,
            "jitter_ms": 1.2,
            "nack_count": 0,
            "pli_count": 1,
            "fir_count": 0,
            "retransmitted_packets_sent": 0,
            "available_bitrate": 3100000,
            "link_bitrate": None,
            "encoded_to_sent_ms": {"p50": 0.3, "p95": 0.8},
            "newest_frame": {"rtp_timestamp": 3840573185, "captured_wall_ms": 1767225599988.5},
            "time_to_first_frame_ms": 142.0,
            "reconnections": 0,
        }
    ],
}


@dataclass(frozen=True)
class MethodExample:
    """A call and what it gives."""

    params: Json
    result: Json


METHOD_EXAMPLES: dict[str, MethodExample] = {
    "initialize": MethodExample(
        {"client_name": "my-app", "client_version": "2.1.0", "protocol_version": "1.0"},
        {
            "name": "camera-sidecar",
            "version": "0.1.0",
            "protocol_version": "1.0",
            "capabilities": {"encoders": ["libx264"], "sources": ["camera", "test"], "features": ["trickle_ice"]},
            "platform": "linux",
        },
    ),
    "rpc.discover": MethodExample(
        {}, {"openrpc": "1.4.1", "info": {"title": "camera-sidecar", "version": "1.0"}, "methods": []}
    ),
    "ping": MethodExample({}, {"monotonic_ms": 81234.5, "wall_ms": 1767225600000.0}),
    "shutdown": MethodExample({}, {}),
    "get_available_cameras": MethodExample({}, {"cameras": [CAMERA, TEST_PATTERN]}),
    "request_camera_permission": MethodExample({"device_id": DEVICE_ID}, {"status": "granted", "hint": None}),
    "start_streaming": MethodExample(
        {"device_id": DEVICE_ID, "format": {"width": 1280, "height": 720, "fps": 30.0}},
        {"session_id": SESSION_ID, "device_id": DEVICE_ID, "format": FORMAT},
    ),
    "stop_streaming": MethodExample(
        {"session_id": SESSION_ID},
        {"session_id": SESSION_ID, "device_id": DEVICE_ID, "camera_released": True, "already_stopped": False},
    ),
    "start_camera_webrtc_session": MethodExample(
        {"device_id": DEVICE_ID, "ice_servers": [{"urls": ["stun:stun.example.org:3478"]}]},
        {
            "sdp_type": "offer",
            "sdp": SDP,
            "connection_id": CONNECTION_ID,
            "session_id": SESSION_ID,
            "device_id": DEVICE_ID,
        },
    ),
    "start_camera_local_session": MethodExample(
        {"device_id": DEVICE_ID, "format": {"width": 1280, "height": 720, "fps": 30.0}},
        {
            "url": "ws://127.0.0.1:49152/camera-sidecar/hq3mS7cZ0Yt0sWlT8eUX1bJpQy6oVd2fRkNaGi4uL5E",
            "connection_id": CONNECTION_ID,
            "session_id": SESSION_ID,
            "device_id": DEVICE_ID,
            "codec": "avc1.42c01f",
            "description": "AULAH//hABFnQsAf2gFAFuhAAAADAEAAAA8jAQAEaM4G4g==",
            "width": 1280,
            "height": 720,
            "fps": 30.0,
        },
    ),
    "create_peer_connection": MethodExample(
        {"ice_servers": [{"urls": "turn:turn.example.org:3478", "username": "user", "credential": "secret"}]},
        {"connection_id": CONNECTION_ID},
    ),
    "connect_camera_to_webrtc": MethodExample(
        {"connection_id": CONNECTION_ID, "device_id": DEVICE_ID}, {"session_id": SESSION_ID}
    ),
    "create_offer": MethodExample(
        {"connection_id": CONNECTION_ID},
        {"sdp_type": "offer", "sdp": SDP, "connection_id": CONNECTION_ID, "generation": 0},
    ),
    "create_answer": MethodExample(
        {"connection_id": CONNECTION_ID},
        {"sdp_type": "answer", "sdp": SDP, "connection_id": CONNECTION_ID, "generation": 0},
    ),
    "set_remote_description": MethodExample(
        {"connection_id": CONNECTION_ID, "description": {"type": "answer", "sdp": SDP}}, {}
    ),
    "add_ice_candidate": MethodExample({"connection_id": CONNECTION_ID, "candidate": CANDIDATE}, {}),
    "get_connection_state": MethodExample(
        {"connection_id": CONNECTION_ID},
        {"connection_state": "connected", "ice_connection_state": "completed", "ice_gathering_state": "complete"},
    ),
    "close_connection": MethodExample(
        {"connection_id": CONNECTION_ID},
        {
            "connection_id": CONNECTION_ID,
            "device_id": DEVICE_ID,
            "session_id": SESSION_ID,
            "camera_released": True,
            "already_closed": False,
        },
    ),
    "get_stats": MethodExample({"connection_id": CONNECTION_ID}, STATS),
    "subscribe_stats": MethodExample({"interval_ms": 1000}, {}),
    "set_encoding": MethodExample(
        {"session_id": SESSION_ID, "bitrate": 1500000},
        {"session_id": SESSION_ID, "bitrate": 1500000, "max_bitrate": 4000000, "fps": 30.0, "reduced_bitrate": None},
    ),
    "request_keyframe": MethodExample({"session_id": SESSION_ID}, {}),
}

EVENT_EXAMPLES: dict[str, Json] = {
    "ready": {"name": "camera-sidecar", "version": "0.1.0", "protocol_version": "1.0", "pid": 4242},
    "ice_candidate": {"connection_id": CONNECTION_ID, "generation": 0, "candidate": CANDIDATE},
    "connection_state": {"connection_id": CONNECTION_ID, "generation": 0, "state": "connected", "reason": None},
    "renegotiation_offer": {
        "connection_id": CONNECTION_ID,
        "generation": 1,
        "sdp_type": "offer",
        "sdp": SDP,
        "replaces_peer": False,
    },
    "camera_state": {
        "device_id": DEVICE_ID,
        "session_id": SESSION_ID,
        "state": "failed",
        "reason": "the camera was unplugged",
        "hint": "Plug the camera in and start again.",
    },
    "cameras_changed": {"cameras": [TEST_PATTERN], "added": [], "removed": [DEVICE_ID]},
    "stats": STATS,
    "log": {"level": "info", "message": "the camera is open"},
}
