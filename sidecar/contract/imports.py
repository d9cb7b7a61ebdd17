"""The names of the modules whose import takes long, for the `imports` of a method's row.

Names only: the contract imports no other part of the program.
"""

from __future__ import annotations

import sys
from typing import Final

CAMERA_LIST: Final = () if sys.platform == "linux" else ("sidecar.cameras.libavdevice",)
"""The camera list of macOS and Windows; Linux lists its cameras without libav."""

CAMERA: Final = (*CAMERA_LIST, "sidecar.streams.stream")
"""An open camera. It imports PyAV, numpy and OpenCV only for the first picture."""

PHOTO: Final = ("sidecar.encoding.photo",)
"""A photo, with OpenCV."""

WEBRTC: Final = ("sidecar.connections.webrtc",)
"""A WebRTC connection, with aiortc."""

LOCAL_STREAM: Final = ("sidecar.connections.local", "sidecar.encoding.h264.x264")
"""A local stream; its first answer holds the encoder's description of the stream."""
