"""H.264 (ITU-T H.264): levels, NAL units, format parameters, RTP payloads, avcC, and the Codec that offers them."""

from sidecar.media.h264.codec import H264

__all__ = ["H264"]
