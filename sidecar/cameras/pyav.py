"""Cameras through PyAV (FFmpeg's libavdevice): v4l2 on Linux, avfoundation on macOS, dshow on Windows.

Raw frames keep the driver's pixel format and MJPEG becomes planar YUV; neither passes through BGR. On Linux frames also
keep the driver's time stamps, and close() ends a read at once.
"""

from __future__ import annotations

import time
from fractions import Fraction

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from sidecar.cameras.capture_time import captured_at
from sidecar.cameras.device import Device, Format, RequestedFormat
from sidecar.cameras.device_camera import MAX_SKIPPED, STALL_TIMEOUT, DeviceCamera
from sidecar.cameras.diagnosis import lost_error, open_error
from sidecar.cameras.frame_maker import RAW_CODEC, FrameMaker
from sidecar.cameras.geometry import shown_size
from sidecar.cameras.node import OpenNode
from sidecar.cameras.packets import Packet, take_packet
from sidecar.cameras.platforms import current_platform
from sidecar.contract.errors import CameraFailedError
from sidecar.media.frame import Frame

FIRST_FRAME_TIMEOUT = 8.0
"""Seconds until an opened camera must give its first frame; slow webcams take 3 s."""

POLL_INTERVAL = 0.002
"""Seconds between two reads where libavdevice cannot wait (avfoundation)."""

MAX_BAD_PICTURES = 30
"""Consecutive damaged frames after which a camera counts as lost. A bad cable damages some MJPEG frames."""


def open_camera(device: Device, requested: RequestedFormat) -> PyAvCamera:
    """Open `device` and wait for its first frame.

    Raises CameraNotFoundError, CameraBusyError, CameraPermissionDeniedError, CameraFailedError.
    """
    platform = current_platform()
    with platform.opening_node(device.address) as node:
        try:
            container = platform.open_input(device, requested)
        except av.FFmpegError as error:
            node.failed()
            raise open_error(device, error.errno) from error
        camera = PyAvCamera(device, container, node.found())
    camera.read_first()
    return camera


class PyAvCamera(DeviceCamera):
    """A camera that libavdevice has opened."""

    def __init__(self, device: Device, container: InputContainer, node: OpenNode | None) -> None:
        super().__init__(device, node)
        self._container = container
        self._stream: VideoStream = container.streams.video[0]
        self._codec = codec = self._stream.codec_context
        codec.thread_type = "SLICE"  # frame threads would delay frames
        self._raw = codec.name == RAW_CODEC
        self._packet_is_queued = not self._raw  # libavdevice has read a packet to detect the codec
        self._time_base = self._stream.time_base or Fraction(1, 1_000_000)
        self._number = 0
        pixel_format = codec.pix_fmt or "unknown" if self._raw else codec.name
        rate = round(float(self._stream.average_rate or self._stream.guessed_rate or 30), 3)
        self._format = Format(*shown_size(codec.width, codec.height, rate), rate, pixel_format)
        self._frames = FrameMaker(rate, codec.name, is_captured=True)

    @property
    def format(self) -> Format:
        return self._format

    def _wait_for_first(self) -> Frame:
        return self._wait_for_picture(FIRST_FRAME_TIMEOUT)

    def _wait_for_next(self) -> Frame:
        return self._wait_for_picture(STALL_TIMEOUT)

    def _wait_for_picture(self, limit: float) -> Frame:
        deadline = time.monotonic() + limit
        for _ in range(MAX_BAD_PICTURES):
            packet = self._newest_packet(deadline)
            try:
                pictures = self._codec.decode(packet)
            except av.error.InvalidDataError:
                continue
            if pictures:
                return self._frame(packet, pictures[-1])
        raise CameraFailedError(f"{self._device.name} delivers damaged pictures.", hint="Try another cable or port.")

    def _frame(self, packet: Packet, picture: av.VideoFrame) -> Frame:
        number, self._number = self._number, self._number + 1
        driver_time = None if packet.pts is None else float(packet.pts * self._time_base)
        return self._frames.frame(picture, number, captured_at(driver_time))

    def _newest_packet(self, deadline: float) -> Packet:
        packet = self._next_packet(deadline)
        if self._node is not None and (self._raw or self._format.pixel_format == "mjpeg"):
            for _ in range(MAX_SKIPPED):
                if not self._node.has_more():
                    break
                packet = self._next_packet(deadline)
        return packet

    def _next_packet(self, deadline: float) -> Packet:
        while time.monotonic() < deadline and not self._closing.is_set():
            if self._node is not None and not self._packet_is_queued:
                if not self._node.wait(deadline - time.monotonic()):
                    break
                self._check_open()
            try:
                packet = take_packet(self._container, self._stream)
                self._packet_is_queued = False
                return packet
            except av.error.BlockingIOError:
                time.sleep(POLL_INTERVAL)
            except av.FFmpegError as error:
                raise lost_error(self._device, error.errno) from error
        self._check_open()
        raise CameraFailedError(f"{self._device.name} delivers no pictures.")

    def _close_library(self) -> None:
        self._container.close()
