"""The quality of a connection at one moment, with the cause: the processor, the network or the camera."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.contract.types import CameraStats, ConnectionStats, Quality, QualityLevel, QualityReason
from sidecar.statistics.evidence import Evidence, encoding_of
from sidecar.statistics.policy import LEVELS, QualityPolicy

LOST_VIEWER = ("disconnected", "reconnecting")
LOST_CAMERA = ("lost", "recovering", "failed")

TOO_BUSY = "This computer is too busy to encode every picture. Close other programs, or choose a smaller picture."
VIEWER_TOO_BUSY = "The page does not keep up with the pictures. Close other programs, or choose a smaller picture."
LOSSY_LINK = "The network loses parts of the picture. A cable, or a place nearer to the access point, may help."
SLOW_LINK = "The network takes long, so the picture is late. Something else may be using it."
NARROW_LINK = "The network carries less than the picture needs, so it is coarser. Something else may be using it."
BLOCKED_LINK = "No picture reaches the viewer. A cable, or a place nearer to the access point, may help."
SILENT_VIEWER = "The viewer does not answer at the moment. It may come back by itself."
SILENT_CAMERA = "The camera gives no pictures at the moment. It may come back by itself."


def interrupted(camera: CameraStats, connection: ConnectionStats) -> Quality | None:
    """Return the quality of a connection with a lost viewer or camera; None for any other."""
    if connection.state in LOST_VIEWER:
        return Quality(level="poor", reason="network", hint=SILENT_VIEWER)
    if connection.state == "connected" and camera.state in LOST_CAMERA:
        return Quality(level="poor", reason="camera", hint=SILENT_CAMERA)
    return None


def judge(
    camera: CameraStats, connection: ConnectionStats, evidence: Evidence | None, policy: QualityPolicy
) -> Quality | None:
    """Return the worst judgement; of equal ones the processor's, because a busy processor slows capture and sending.

    The level "good" needs evidence: pictures that were sent within the window. Without it the result is None.
    """
    found = [
        *_processor(camera, connection, evidence, policy),
        *_no_picture_sent(connection, evidence, policy),
        *_network(camera, connection, evidence, policy),
        *_frame_rate(camera, evidence, policy),
    ]
    worst = max(found, key=lambda quality: LEVELS.index(quality.level), default=None)
    if worst is None and evidence is not None and evidence.frames.sent:
        return Quality(level="good")
    return worst


def _no_picture_sent(
    connection: ConnectionStats, evidence: Evidence | None, policy: QualityPolicy
) -> Iterator[Quality]:
    if evidence is None or evidence.frames.sent:
        return
    frames = evidence.frames
    if frames.captured - frames.left_out < policy.fewest_due:
        return
    if connection.transport == "local" and frames.encoded:
        yield Quality(level="poor", reason="cpu", hint=VIEWER_TOO_BUSY)
    elif frames.encoded:
        yield Quality(level="poor", reason="network", hint=BLOCKED_LINK)
    else:
        yield Quality(level="poor", reason="cpu", hint=TOO_BUSY)


def _processor(
    camera: CameraStats, connection: ConnectionStats, evidence: Evidence | None, policy: QualityPolicy
) -> Iterator[Quality]:
    if evidence is not None and evidence.frames.captured:
        busy = evidence.frames.encoder_busy / evidence.frames.captured
        yield from _worse_than_good(policy.encoder_busy.level_of_rising(busy), "cpu", TOO_BUSY)
        # Without evidence, the first picture's encoding time includes the opening of the encoder.
        intervals = (camera.encoding_ms.p50 or 0.0) * camera.wanted_fps / 1000
        yield from _worse_than_good(policy.encoding_time.level_of_rising(intervals), "cpu", TOO_BUSY)
    if connection.transport == "local":  # only the viewer itself can be slow
        level = policy.viewer_drops.level_of_rising(_dropped_share(evidence))
        yield from _worse_than_good(level, "cpu", VIEWER_TOO_BUSY)


def _network(
    camera: CameraStats, connection: ConnectionStats, evidence: Evidence | None, policy: QualityPolicy
) -> Iterator[Quality]:
    if connection.transport == "local":
        return
    yield from _worse_than_good(policy.loss.level_of_rising(connection.fraction_lost), "network", LOSSY_LINK)
    level = policy.viewer_drops.level_of_rising(_dropped_share(evidence))
    yield from _worse_than_good(level, "network", NARROW_LINK)
    if connection.round_trip_time_ms is not None:
        level = policy.round_trip_ms.level_of_rising(connection.round_trip_time_ms)
        yield from _worse_than_good(level, "network", SLOW_LINK)
    # An encoding that does not use its target is no coarser for a narrow link; and few packets give a low estimate.
    encoding = encoding_of(camera, connection)
    if connection.link_bitrate is not None and encoding.bitrate >= encoding.target_bitrate * policy.used_bitrate:
        level = policy.link.level_of_falling(connection.link_bitrate / camera.wanted_bitrate)
        yield from _worse_than_good(level, "network", NARROW_LINK)


def _frame_rate(camera: CameraStats, evidence: Evidence | None, policy: QualityPolicy) -> Iterator[Quality]:
    if evidence is None:
        return
    fps = evidence.frames.captured / evidence.seconds
    level = policy.frame_rate.level_of_falling(fps / camera.wanted_fps)
    if camera.device_id.startswith("test:"):  # painted by this program, so only the processor can be slow
        yield from _worse_than_good(level, "cpu", TOO_BUSY)
    else:
        few = f"The camera gives {fps:.0f} of {camera.wanted_fps:.0f} pictures a second. "
        yield from _worse_than_good(level, "camera", few + "More light, or a smaller picture, may help.")


def _dropped_share(evidence: Evidence | None) -> float:
    if evidence is None or not evidence.frames.dropped:
        return 0.0
    return evidence.frames.dropped / (evidence.frames.sent + evidence.frames.dropped)


def _worse_than_good(level: QualityLevel, reason: QualityReason, hint: str) -> Iterator[Quality]:
    if level != "good":
        yield Quality(level=level, reason=reason, hint=hint)
