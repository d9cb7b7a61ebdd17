"""A plain word for what a viewer gets: good, fair or poor, and whether the processor, the network or the camera is why.

Judged from the statistics alone, so from what the sidecar knows; what only the viewer knows, it adds itself.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from sidecar.contract.types import CameraStats, ConnectionStats, EncodingStats, Quality, QualityLevel, QualityReason

WINDOW: Final = 4.0
"""Seconds over which counters are compared."""

SHORTEST_WINDOW: Final = 1.0
"""Seconds; over less, one picture more or less says too much."""

SPACING: Final = 0.5
"""Seconds between two readings that are kept."""

WORSE_AFTER: Final = 1.0
BETTER_AFTER: Final = 3.0
"""Seconds for which it must be worse, or better, before the word changes: it shall not flicker."""

FORGOTTEN_AFTER: Final = 10.0
"""Seconds without a look after which what was said before counts no more."""

LOST_VIEWER: Final = ("disconnected", "reconnecting")
LOST_CAMERA: Final = ("lost", "recovering", "failed")

BUSY_SHARE: Final = (0.05, 0.25)
"""Of the pictures, those that came while the encoder was busy; from the first on it is fair, from the second poor."""

ENCODING_SHARE: Final = (0.9, 2.0)
"""What half the pictures take less to be encoded than, in times between two pictures."""

LOSS: Final = (0.03, 0.10)
"""Of the packets. A few that are lost come again in time; with a tenth, pictures stand still for moments."""

ROUND_TRIP_MS: Final = (150.0, 400.0)
"""Half of it is what the way adds to the latency: what one sees oneself do is seen to lag from 75 ms or so on."""

BANDWIDTH_SHARE: Final = (0.75, 0.4)
"""Of the bitrate that the picture wants, what the link carries; below the first it is fair, below the second poor."""

USED_SHARE: Final = 0.7
"""Of the bitrate aimed at; an encoder that uses less has no need of more."""

DROPPED_SHARE: Final = (0.02, 0.20)
"""Of the pictures, those that were not sent as the viewer's queue was full."""

FEWEST_DUE: Final = 3
"""Pictures that should have reached the viewer before it counts that none did."""

FRAME_RATE_SHARE: Final = (0.8, 0.5)
"""Of the pictures that were asked for, those that the camera gave; below the first fair, below the second poor."""

LEVELS: Final[tuple[QualityLevel, ...]] = ("good", "fair", "poor")

TOO_BUSY = "This computer is too busy to encode every picture. Close other programs, or choose a smaller picture."
VIEWER_TOO_BUSY = "The page does not keep up with the pictures. Close other programs, or choose a smaller picture."
LOSES = "The network loses parts of the picture. A cable, or a place nearer to the access point, may help."
SLOW = "The network takes long, so the picture is late. Something else may be using it."
NARROW = "The network carries less than the picture needs, so it is coarser. Something else may be using it."
SENDS_NOTHING = "No picture reaches the viewer. A cable, or a place nearer to the access point, may help."
NO_WAY = "The viewer does not answer at the moment. It may come back by itself."
NO_PICTURES = "The camera gives no pictures at the moment. It may come back by itself."


class Counts(NamedTuple):
    """Frames: what the camera gave, what became of them on the encoder's side, and what the viewer was sent.

    `left_out` are those that the frame rate asked for does not need, `encoded` those of the viewer's encoding.
    """

    captured: int
    left_out: int
    encoder_busy: int
    encoded: int
    sent: int
    dropped: int


class Recent(NamedTuple):
    """What was counted over the last seconds."""

    seconds: float
    frames: Counts


class QualityMeter:
    """Judges one connection each time it is looked at, by what was counted since earlier looks."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._readings: deque[tuple[float, Counts]] = deque(maxlen=int(WINDOW / SPACING) + 2)
        self._steady = SteadyQuality()

    def look(self, camera: CameraStats | None, connection: ConnectionStats) -> Quality | None:
        """The word for now; None while nothing is shown, and until enough was counted for a word."""
        if camera is None or camera.state != "streaming" or connection.state != "connected":
            # This is so or not so, at once; and what did not come then says nothing about the time after it.
            self._readings.clear()
            self._steady = SteadyQuality()
            return None if camera is None else interrupted(camera, connection)
        now = self._clock()
        recent = self._count(camera, connection, now)
        return self._steady.update(judge(camera, connection, recent), now)

    def _count(self, camera: CameraStats, connection: ConnectionStats, now: float) -> Recent | None:
        dropped = camera.frames_dropped
        counts = Counts(
            camera.frames_captured,
            dropped.rate,
            dropped.encoder_busy,
            _shown(camera, connection).frames_encoded,
            connection.frames_sent,
            connection.frames_dropped,
        )
        readings = self._readings
        if readings and (now - readings[-1][0] > FORGOTTEN_AFTER or _went_back(readings[-1][1], counts)):
            readings.clear()
        while len(readings) > 1 and now - readings[1][0] >= WINDOW:
            readings.popleft()
        if not readings or now - readings[-1][0] >= SPACING:
            readings.append((now, counts))
        first_at, first = readings[0]
        if now - first_at < SHORTEST_WINDOW:
            return None
        return Recent(now - first_at, Counts(*(after - before for before, after in zip(first, counts, strict=True))))


def _went_back(before: Counts, after: Counts) -> bool:
    """Whether something began to count anew: the camera was opened again, or the peer is another one."""
    return any(new < old for old, new in zip(before, after, strict=True))


class SteadyQuality:
    """Lets the word change only when there is something to it for a while."""

    def __init__(self) -> None:
        self._shown: Quality | None = None
        self._looked_at = 0.0
        self._other_since: float | None = None
        self._is_worse = False

    def update(self, judged: Quality | None, now: float) -> Quality | None:
        """What is to be said at `now` (seconds), when `judged` holds at this moment; None: there is no evidence."""
        forgotten = now - self._looked_at > FORGOTTEN_AFTER
        self._looked_at = now
        if judged is None:
            self._shown = self._other_since = None
            return None
        if self._shown is None or forgotten or judged.level == self._shown.level:
            return self._show(judged)
        is_worse = LEVELS.index(judged.level) > LEVELS.index(self._shown.level)
        if self._other_since is None or is_worse != self._is_worse:
            self._other_since, self._is_worse = now, is_worse
        if now - self._other_since >= (WORSE_AFTER if is_worse else BETTER_AFTER):
            return self._show(judged)
        return self._shown

    def _show(self, quality: Quality) -> Quality:
        self._shown, self._other_since = quality, None
        return quality


def interrupted(camera: CameraStats, connection: ConnectionStats) -> Quality | None:
    """The word for a picture that stands still, or for none."""
    if connection.state in LOST_VIEWER:
        return Quality(level="poor", reason="network", hint=NO_WAY)
    if connection.state == "connected" and camera.state in LOST_CAMERA:
        return Quality(level="poor", reason="camera", hint=NO_PICTURES)
    return None


def judge(camera: CameraStats, connection: ConnectionStats, recent: Recent | None) -> Quality | None:
    """What holds now: the worst there is; of equals the processor's, which makes the others look bad, too.

    "good" needs evidence: pictures that were sent over the last seconds. None without it.
    """
    found = [
        *_cpu(camera, connection, recent),
        *_nothing_sent(connection, recent),
        *_network(camera, connection, recent),
        *_camera(camera, recent),
    ]
    worst = max(found, key=lambda quality: LEVELS.index(quality.level), default=None)
    if worst is None and recent is not None and recent.frames.sent:
        return Quality(level="good")
    return worst


def _shown(camera: CameraStats, connection: ConnectionStats) -> CameraStats | EncodingStats:
    """The figures of the encoding that the viewer gets."""
    return camera.reduced if connection.encoding == "reduced" and camera.reduced is not None else camera


def _nothing_sent(connection: ConnectionStats, recent: Recent | None) -> Iterator[Quality]:
    """The camera gives pictures, and the viewer gets none of them."""
    if recent is None or recent.frames.sent or recent.frames.captured - recent.frames.left_out < FEWEST_DUE:
        return
    if connection.transport == "local" and recent.frames.encoded:
        yield Quality(level="poor", reason="cpu", hint=VIEWER_TOO_BUSY)
    elif recent.frames.encoded:
        yield Quality(level="poor", reason="network", hint=SENDS_NOTHING)
    else:
        yield Quality(level="poor", reason="cpu", hint=TOO_BUSY)


def _cpu(camera: CameraStats, connection: ConnectionStats, recent: Recent | None) -> Iterator[Quality]:
    if recent is not None and recent.frames.captured:
        yield from _above(recent.frames.encoder_busy / recent.frames.captured, BUSY_SHARE, "cpu", TOO_BUSY)
        # With the first picture the encoder is made, which says nothing about the others.
        yield from _above((camera.encoding_ms.p50 or 0.0) * camera.wanted_fps / 1000, ENCODING_SHARE, "cpu", TOO_BUSY)
    if connection.transport == "local":  # nothing but the viewer itself can be slow
        yield from _above(_dropped_share(recent), DROPPED_SHARE, "cpu", VIEWER_TOO_BUSY)


def _network(camera: CameraStats, connection: ConnectionStats, recent: Recent | None) -> Iterator[Quality]:
    if connection.transport == "local":
        return
    yield from _above(connection.fraction_lost, LOSS, "network", LOSES)
    yield from _above(_dropped_share(recent), DROPPED_SHARE, "network", NARROW)
    if connection.round_trip_time_ms is not None:
        yield from _above(connection.round_trip_time_ms, ROUND_TRIP_MS, "network", SLOW)
    # A picture that does not use what it may is not coarser for it; and a receiver that gets little estimates little.
    shown = _shown(camera, connection)
    if connection.link_bitrate is not None and shown.bitrate >= shown.target_bitrate * USED_SHARE:
        yield from _below(connection.link_bitrate / camera.wanted_bitrate, BANDWIDTH_SHARE, "network", NARROW)


def _camera(camera: CameraStats, recent: Recent | None) -> Iterator[Quality]:
    if recent is not None:
        fps = recent.frames.captured / recent.seconds
        few = f"The camera gives {fps:.0f} of {camera.wanted_fps:.0f} pictures a second. "
        hint = few + "More light, or a smaller picture, may help."
        if camera.device_id.startswith("test:"):  # calculated here, so only the processor can be slow
            yield from _below(fps / camera.wanted_fps, FRAME_RATE_SHARE, "cpu", TOO_BUSY)
        else:
            yield from _below(fps / camera.wanted_fps, FRAME_RATE_SHARE, "camera", hint)


def _dropped_share(recent: Recent | None) -> float:
    if recent is None or not recent.frames.dropped:
        return 0.0
    return recent.frames.dropped / (recent.frames.sent + recent.frames.dropped)


def _above(value: float, limits: tuple[float, float], reason: QualityReason, hint: str) -> Iterator[Quality]:
    level = LEVELS[sum(value >= limit for limit in limits)]
    if level != "good":
        yield Quality(level=level, reason=reason, hint=hint)


def _below(value: float, limits: tuple[float, float], reason: QualityReason, hint: str) -> Iterator[Quality]:
    level = LEVELS[sum(value < limit for limit in limits)]
    if level != "good":
        yield Quality(level=level, reason=reason, hint=hint)
