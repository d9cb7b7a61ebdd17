"""The counters and measurements of one encoder."""

from __future__ import annotations

from sidecar.contract.types import EncoderStats, FramesDropped, Latency
from sidecar.media.access_unit import AccessUnit
from sidecar.media.meters import Percentiles, RateMeter


class EncoderTally:
    """Counts access units into the contract's EncoderStats, and dropped frames into its FramesDropped.

    Not thread-safe.
    """

    def __init__(self) -> None:
        self.dropped = FramesDropped()
        self._counted = EncoderStats()
        self._frame_rate = RateMeter()
        self._byte_rate = RateMeter()
        self._capture_to_encoder = Percentiles()
        self._encoding = Percentiles()
        self._capture_to_encoded = Percentiles()

    def count(self, access_unit: AccessUnit, *, taken_at: float | None) -> None:
        """Count an access unit, and its latency unless `taken_at`, the time at which encoding began, is None."""
        size = access_unit.size
        counted = self._counted
        counted.frames_encoded += 1
        counted.bytes_encoded += size
        counted.keyframes_encoded += access_unit.keyframe
        counted.width, counted.height = access_unit.width, access_unit.height
        self._frame_rate.add()
        self._byte_rate.add(size)
        if taken_at is not None:
            self._capture_to_encoder.add(1000 * (taken_at - access_unit.captured_at))
            self._encoding.add(1000 * (access_unit.encoded_at - taken_at))
            self._capture_to_encoded.add(1000 * (access_unit.encoded_at - access_unit.captured_at))

    def snapshot(self, target_bitrate: int) -> EncoderStats:
        """Return the counters and the current rates and latencies; `target_bitrate` is in bits per second."""
        measured = {
            "target_bitrate": target_bitrate,
            "bitrate": round(8 * self._byte_rate.rate()),
            "fps": self._frame_rate.rate(),
            "capture_to_encoder_ms": _latency(self._capture_to_encoder),
            "encoding_ms": _latency(self._encoding),
            "capture_to_encoded_ms": _latency(self._capture_to_encoded),
        }
        return self._counted.model_copy(update=measured)


def _latency(milliseconds: Percentiles) -> Latency:
    return Latency(p50=milliseconds.percentile(50), p95=milliseconds.percentile(95))
