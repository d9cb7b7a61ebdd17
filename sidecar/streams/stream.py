"""One open camera: captured once, encoded once, shown to everyone who looks at it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

from sidecar.blocking import in_thread
from sidecar.cameras.camera import Camera
from sidecar.cameras.device import Device, Format
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.lifecycle import CameraLifecycle, OnState
from sidecar.contract.errors import ContractError
from sidecar.contract.types import CameraStateName, CameraStats, EncodingOptions, EncodingStats, FramesDropped, Latency
from sidecar.encoding.thread import EncoderStats
from sidecar.limits import STOP_TIMEOUT
from sidecar.streams.rendition import Encoding
from sidecar.streams.renditions import Encodings

log = logging.getLogger(__name__)


class SharedCamera:
    """The source of one camera's pictures, and what they are encoded to.

    Every method is called on the loop's thread, and so is `on_state`: with each state of the source (CameraLifecycle).
    `wanted_fps` is what was asked for, if anything was; the camera's format may have less.
    """

    def __init__(
        self,
        device: Device,
        camera: Camera,
        encoding: EncodingOptions,
        drivers: Drivers,
        on_state: OnState,
        *,
        wanted_fps: float | None = None,
    ) -> None:
        self._wanted_fps = wanted_fps
        self._on_state = on_state
        self._source = CameraLifecycle(device, camera, drivers, self._changed, self._resized)
        self.encodings = Encodings(self._source.frames, camera.format, encoding, on_failed=self._source.fail)

    @property
    def device(self) -> Device:
        """The camera; under another address when it came back elsewhere."""
        return self._source.device

    @property
    def format(self) -> Format:
        """The camera's format in force."""
        return self._source.format

    @property
    def state(self) -> CameraStateName:
        """The camera's state."""
        return self._source.state

    @property
    def problem(self) -> ContractError | None:
        """Why the camera is lost, recovering or failed."""
        return self._source.problem

    def try_now(self) -> None:
        """Some camera was plugged in or out: if this one is awaited, wait no longer."""
        self._source.try_now()

    def start(self) -> None:
        """Begin to capture; nothing is encoded before somebody looks."""
        self.encodings.start()
        self._source.start()

    async def stop(self) -> None:
        """End all threads and release the camera, a hanging driver left behind (CameraLifecycle.stop)."""
        self.encodings.close()
        await asyncio.gather(self._source.stop(), self._stop_encodings())

    def stats(self) -> CameraStats:
        """A snapshot of the counters."""
        encoder = self.encodings.full.stats()
        return CameraStats(
            device_id=self.device.device_id,
            state=self.state,
            viewers=self.encodings.viewers,
            width=encoder.width or self.format.width,
            height=encoder.height or self.format.height,
            encoder=encoder.encoder,
            wanted_bitrate=self.encodings.bitrate.wanted,
            wanted_fps=self._wanted_fps or self.format.fps,
            frames_captured=self._source.frames_captured,
            frames_dropped=FramesDropped(
                encoder_busy=self.encodings.full.overwritten,
                no_viewer=encoder.dropped_no_viewer,
                rate=encoder.dropped_rate,
            ),
            reduced=_describe(self.encodings.reduced),
            **_counters(encoder),
        )

    def _changed(self, state: CameraStateName, problem: ContractError | None) -> None:
        if state == "streaming":
            self.encodings.camera_gives(self.format)
        self._on_state(state, problem)

    def _resized(self, picture: Format) -> None:
        self.encodings.camera_gives(picture)

    async def _stop_encodings(self) -> None:
        ended = False
        with contextlib.suppress(TimeoutError):
            ended = await in_thread(self.encodings.stop_threads, STOP_TIMEOUT + 0.5)
        if not ended:
            log.warning("%s: an encoder hangs; its thread was left behind", self.device.device_id)


def _describe(encoding: Encoding | None) -> EncodingStats | None:
    if encoding is None:
        return None
    encoder = encoding.stats()
    return EncodingStats(
        viewers=len(encoding.viewers), width=encoder.width, height=encoder.height, **_counters(encoder)
    )


def _counters(encoder: EncoderStats) -> dict[str, Any]:
    """What the statistics tell of every encoding alike."""
    return {
        "target_bitrate": encoder.target_bitrate,
        "bitrate": encoder.bitrate,
        "fps": encoder.fps,
        "frames_encoded": encoder.frames_encoded,
        "bytes_encoded": encoder.bytes_encoded,
        "keyframes_encoded": encoder.keyframes_encoded,
        "capture_to_encoder_ms": Latency(p50=encoder.capture_to_encoder_p50, p95=encoder.capture_to_encoder_p95),
        "encoding_ms": Latency(p50=encoder.encoding_p50, p95=encoder.encoding_p95),
        "capture_to_encoded_ms": Latency(p50=encoder.capture_to_encoded_p50, p95=encoder.capture_to_encoded_p95),
    }
