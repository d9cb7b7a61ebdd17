"""The values that the examples of several methods and notifications share, as they go over the wire."""

from __future__ import annotations

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
            "format": FORMAT,
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
