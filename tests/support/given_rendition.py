"""A rendition with access units from the test, and a sink that keeps them."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from sidecar.contract.errors import ContractError
from sidecar.contract.types import EncoderStats, EncodingName, FramesDropped
from sidecar.encoding.settings import EncoderSettings
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame_slot import FrameTee
from sidecar.streams.policy import StreamPolicy
from sidecar.streams.rendition import Rendition
from tests.support.access_units import unit_of_payloads


class GivenRendition(Rendition):
    """A rendition with access units from the test. `requests` has the call stack of each keyframe request."""

    def __init__(
        self,
        name: EncodingName,
        frames: FrameTee,
        size: tuple[int, int],
        settings: EncoderSettings,
        fps: float,
        policy: StreamPolicy,
        *,
        on_keyframe: Callable[[Rendition], None],
        on_failed: Callable[[ContractError], None],
    ) -> None:
        super().__init__(
            name,
            settings.bitrate,
            encode_keyframe=self._request_keyframe,
            on_keyframe=on_keyframe,
            policy=policy.keyframes,
        )
        self.requests: list[traceback.StackSummary] = []
        self.is_paused = True
        self.is_closed = False

    def _request_keyframe(self) -> None:
        self.requests.append(traceback.extract_stack())

    def give(self, *, keyframe: bool) -> None:
        self._deliver(unit_of_payloads(b"picture", keyframe=keyframe, target_bitrate=self.bitrate))

    def start(self) -> None:
        return

    def resume(self) -> None:
        self.is_paused = False

    def pause(self) -> None:
        self.is_paused = True

    def close(self) -> None:
        super().close()
        self.is_closed = True

    def stop_thread(self) -> bool:
        return True

    def set_bitrate(self, bitrate: int) -> None:
        self.bitrate = bitrate

    def set_camera_format(self, size: tuple[int, int], camera_fps: float, fps: float) -> None:
        return

    @property
    def encoder(self) -> str:
        raise AssertionError("these tests read no statistics")

    def frames_dropped(self) -> FramesDropped:
        raise AssertionError("these tests read no statistics")

    def stats(self) -> EncoderStats:
        raise AssertionError("these tests read no statistics")


class Recorder:
    """A sink that keeps its access units."""

    def __init__(self) -> None:
        self.units: list[AccessUnit] = []

    def push(self, access_unit: AccessUnit) -> None:
        self.units.append(access_unit)
