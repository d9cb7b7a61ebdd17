"""Cameras through OpenCV: V4L2 on Linux, AVFoundation on macOS, DirectShow on Windows.

OpenCV decodes MJPEG to BGR, which costs one more conversion. V4L2's pixel formats that a `Frame` carries are not
converted.
"""

from __future__ import annotations

import sys
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from sidecar.cameras.capture_time import captured_at
from sidecar.cameras.device import Device, Format, RequestedFormat, nearest_format
from sidecar.cameras.device_camera import MAX_SKIPPED, STALL_TIMEOUT, DeviceCamera
from sidecar.cameras.diagnosis import lost_error, open_error
from sidecar.cameras.frame_maker import RAW_CODEC, FrameMaker
from sidecar.cameras.geometry import shown_size
from sidecar.cameras.node import OpenNode
from sidecar.cameras.opencv_frames import RawFormat, frame_of_array, picture_of_array
from sidecar.cameras.platforms import current_platform
from sidecar.contract.errors import CameraFailedError
from sidecar.media.frame import Frame

BACKENDS = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_DSHOW}

FOURCCS = {"yuyv422": "YUYV", "nv12": "NV12", "yuv420p": "YU12", "gray": "GREY", "mjpeg": "MJPG"}


def open_camera(device: Device, requested: RequestedFormat) -> OpenCvCamera:
    """Open `device` and wait for its first frame. A camera without frames blocks OpenCV for ten seconds.

    Raises CameraNotFoundError, CameraBusyError, CameraPermissionDeniedError, CameraFailedError.
    """
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # failures are raised, not logged
    usable = [offered for offered in device.formats if offered.pixel_format in FOURCCS]
    chosen = nearest_format(usable, requested)
    with current_platform().opening_node(device.address) as node:
        capture = _open_capture(device, chosen, requested)
        if not capture.isOpened():
            capture.release()
            raise open_error(device, None)
        camera = OpenCvCamera(device, capture, node.found(), chosen, requested)
    camera.read_first()
    return camera


def _open_capture(device: Device, chosen: Format | None, requested: RequestedFormat) -> cv2.VideoCapture:
    wanted = chosen or Format(*requested.size(), requested.rate(), "")
    parameters = [cv2.CAP_PROP_FRAME_WIDTH, wanted.width, cv2.CAP_PROP_FRAME_HEIGHT, wanted.height]
    parameters += [cv2.CAP_PROP_FPS, round(wanted.fps)]
    if sys.platform == "linux":
        if chosen is not None:
            fourcc = cv2.VideoWriter.fourcc(*FOURCCS[chosen.pixel_format])
            parameters = [cv2.CAP_PROP_FOURCC, fourcc, *parameters]
            parameters += [cv2.CAP_PROP_CONVERT_RGB, int(chosen.pixel_format == "mjpeg")]
        return cv2.VideoCapture(device.address, BACKENDS[sys.platform], parameters)
    return cv2.VideoCapture(device.index, BACKENDS[sys.platform], parameters)


class OpenCvCamera(DeviceCamera):
    """A camera that OpenCV has opened."""

    def __init__(
        self,
        device: Device,
        capture: cv2.VideoCapture,
        node: OpenNode | None,
        chosen: Format | None,
        requested: RequestedFormat,
    ) -> None:
        super().__init__(device, node)
        self._capture = capture
        native = chosen is not None and chosen.pixel_format != "mjpeg" and sys.platform == "linux"
        self._pixel_format: RawFormat = cast(RawFormat, chosen.pixel_format) if chosen and native else "bgr24"
        width, height = (int(capture.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        self._size = (width, height)
        fps = capture.get(cv2.CAP_PROP_FPS)
        rate = round(fps if 0 < fps <= 1000 else (chosen.fps if chosen else requested.rate()), 3)
        self._format = Format(*shown_size(width, height, rate), rate, chosen.pixel_format if chosen else "bgr24")
        self._frames = FrameMaker(rate, RAW_CODEC, is_captured=True)
        self._number = 0

    @property
    def format(self) -> Format:
        return self._format

    def _wait_for_first(self) -> Frame:
        return self._grab()

    def _wait_for_next(self) -> Frame:
        if self._node is not None and not self._node.wait(STALL_TIMEOUT):
            raise CameraFailedError(f"{self._device.name} delivers no pictures.")
        self._check_open()
        return self._grab()

    def _grab(self) -> Frame:
        if not self._grab_newest():
            raise lost_error(self._device, None)
        position = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000 if sys.platform == "linux" else None
        taken_at = captured_at(position)
        retrieved, picture = self._capture.retrieve()
        array = cast("npt.NDArray[np.uint8]", picture)
        frame = self._frame(array, taken_at) if retrieved else None
        if frame is None:
            raise CameraFailedError(f"{self._device.name} delivers pictures that cannot be decoded.")
        self._number += 1
        return frame

    def _grab_newest(self) -> bool:
        grabbed = self._capture.grab()
        for _ in range(MAX_SKIPPED):
            if not grabbed or self._node is None or not self._node.has_more():
                break
            grabbed = self._capture.grab()
        return grabbed

    def _frame(self, array: npt.NDArray[np.uint8], taken_at: float) -> Frame | None:
        frame = frame_of_array(array, self._pixel_format, self._size, self._number, taken_at)
        if frame is None and array.ndim == 3 and array.shape[2] == 3:
            self._pixel_format, self._size = "bgr24", (array.shape[1], array.shape[0])
            frame = frame_of_array(array, "bgr24", self._size, self._number, taken_at)
        if frame is not None and shown_size(*self._size, self._format.fps) != (frame.width, frame.height):
            picture = picture_of_array(array, self._pixel_format, self._size)
            frame = self._frames.frame(picture, self._number, taken_at)
        return frame

    def _close_library(self) -> None:
        self._capture.release()
