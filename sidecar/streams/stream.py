"""One open camera: captured once, encoded once, delivered to every subscription."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import NamedTuple

from sidecar.blocking import in_thread
from sidecar.cameras.camera import Camera
from sidecar.cameras.describe import describe_format
from sidecar.cameras.device import Device, Format, RequestedFormat
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.lifecycle import CameraLifecycle, OnFormat, OnState
from sidecar.contract.errors import ContractError, InvalidStateError
from sidecar.contract.types import CameraStateName, CameraStats, EncodingOptions, EncodingStats, FramesDropped
from sidecar.media.photo import Photo, PhotoOptions
from sidecar.media.subscription import Sink
from sidecar.streams.jpeg_rendition import JpegRendition, JpegSink, JpegSubscription
from sidecar.streams.photos import Photos
from sidecar.streams.policy import StreamPolicy
from sidecar.streams.rendition import Rendition
from sidecar.streams.renditions import Renditions
from sidecar.streams.subscription import StreamSubscription

log = logging.getLogger(__name__)


class EncodingTargets(NamedTuple):
    """The targets of a stream's encoders: bits per second, and frames per second at most.

    `reduced_bitrate` is None while there is no reduced rendition.
    """

    bitrate: int
    max_bitrate: int
    fps: float
    reduced_bitrate: int | None


class Stream:
    """The source of one camera's pictures, its renditions and its subscriptions.

    Every method is called on the event loop's thread, and so are `on_state`, with each state of the source
    (CameraLifecycle), and `on_format`, with each new format of the camera. `wanted_fps` is the requested frame rate, if
    any; the camera's format may have a lower one.
    """

    def __init__(
        self,
        device: Device,
        camera: Camera,
        options: EncodingOptions,
        drivers: Drivers,
        on_state: OnState,
        on_format: OnFormat,
        *,
        wanted_fps: float | None = None,
        policy: StreamPolicy,
    ) -> None:
        self._on_state = on_state
        self._on_format = on_format
        self._stop_timeout = policy.stop_timeout
        self._source = source = CameraLifecycle(
            device, camera, drivers, self._state_changed, self._format_changed, wanted_fps=wanted_fps
        )
        self._photos = Photos(source.frames, self._check_delivers)
        self._renditions = Renditions(source.frames, camera.format, options, policy, source.fail)
        self._jpeg = JpegRendition(source.frames, source.fail)

    @property
    def device(self) -> Device:
        """The camera; its address changes when a lost camera returns at another device node."""
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
        """The reason why the camera is lost, recovering or failed."""
        return self._source.problem

    async def set_format(self, wanted: RequestedFormat) -> Format:
        """Change the camera's format for all subscriptions (CameraLifecycle.set_format); return the one in force."""
        return await self._source.set_format(wanted)

    async def take_photo(self, options: PhotoOptions) -> Photo:
        """Return a photo of the next frame that the camera captures. Raises as Photos.take."""
        return await self._photos.take(options)

    def try_now(self) -> None:
        """Retry a lost camera at once, because a camera was plugged in or out."""
        self._source.try_now()

    def start(self) -> None:
        """Begin to capture. Encoding begins with the first subscription."""
        self._renditions.start()
        self._source.start()

    async def stop(self) -> None:
        """Close every subscription, end all threads and release the camera (CameraLifecycle.stop)."""
        self._photos.refuse_all(InvalidStateError("the camera was stopped", hint="Start a new session."))
        self._renditions.close()
        self._jpeg.close()
        await asyncio.gather(self._source.stop(), self._stop_encoders())

    # -- subscriptions ------------------------------------------------------------------------------------------------

    def subscribe(self, sink: Sink) -> StreamSubscription:
        """Return a subscription that pushes every access unit to `sink`, a keyframe soon among them."""
        return self._renditions.subscribe(sink)

    def subscribe_jpeg(self, sink: JpegSink) -> JpegSubscription:
        """Return a subscription that pushes JPEG pictures to `sink`."""
        return self._jpeg.subscribe(sink)

    @property
    def subscription_count(self) -> int:
        """The number of subscriptions of both kinds."""
        return self._renditions.subscription_count + self._jpeg.subscription_count

    def request_keyframe(self) -> None:
        """Ask for a keyframe of each rendition, on behalf of the client."""
        self._renditions.request_keyframe()

    def change_encoding(self, bitrate: int | None, max_bitrate: int | None, fps: float | None) -> EncodingTargets:
        """Change the wanted bitrates (bits per second) and frame rate, where not None; return the targets in force."""
        renditions = self._renditions
        renditions.change(bitrate, max_bitrate, fps)
        reduced = renditions.reduced
        return EncodingTargets(
            bitrate=renditions.full.bitrate,
            max_bitrate=renditions.bitrate.maximum,
            fps=renditions.fps,
            reduced_bitrate=reduced.bitrate if reduced is not None else None,
        )

    # -- statistics ---------------------------------------------------------------------------------------------------

    def stats(self) -> CameraStats:
        """Return a snapshot of the counters."""
        renditions = self._renditions
        full = renditions.full
        counted = full.stats()
        is_encoded = renditions.subscription_count > 0 and counted.width > 0
        width, height = (counted.width, counted.height) if is_encoded else (self.format.width, self.format.height)
        return CameraStats(
            device_id=self.device.device_id,
            state=self.state,
            format=describe_format(self.format),
            viewers=self.subscription_count,
            encoder=full.encoder,
            wanted_bitrate=renditions.bitrate.wanted,
            wanted_fps=self._source.wanted_fps or self.format.fps,
            frames_captured=self._source.frames_captured,
            frames_dropped=self._frames_dropped(full),
            reduced=_describe(renditions.reduced),
            **vars(counted) | {"width": width, "height": height},
        )

    # -- inside -------------------------------------------------------------------------------------------------------

    def _state_changed(self, state: CameraStateName, problem: ContractError | None) -> None:
        if problem is not None:
            self._photos.refuse_all(problem)
        self._on_state(state, problem)

    def _format_changed(self, in_force: Format) -> None:
        self._renditions.set_camera_format(in_force)
        self._on_format(in_force)

    def _check_delivers(self) -> None:
        """Raise the reason why the camera delivers no frames, if there is one."""
        if self.problem is not None:
            raise self.problem.with_traceback(None)  # or it would grow by the frames of each call
        if self.state == "stopped":
            raise InvalidStateError("the camera was stopped", hint="Start a new session.")

    def _frames_dropped(self, rendition: Rendition) -> FramesDropped:
        counted = rendition.frames_dropped()
        return counted.model_copy(update={"rate": counted.rate + self._source.frames_left_out})

    async def _stop_encoders(self) -> None:
        ended = False
        with contextlib.suppress(TimeoutError):
            ended = await in_thread(self._renditions.stop_threads, self._stop_timeout + 0.5)
        if not ended:
            log.warning("%s: an encoder hangs; its thread was abandoned", self.device.device_id)


def _describe(rendition: Rendition | None) -> EncodingStats | None:
    if rendition is None:
        return None
    return EncodingStats(viewers=len(rendition.sinks), **vars(rendition.stats()))
