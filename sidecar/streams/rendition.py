"""One encoding of a camera, for the viewers whose links carry it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Protocol

from sidecar.blocking import on_loop
from sidecar.contract.errors import ContractError
from sidecar.encoding.settings import EncoderSettings
from sidecar.encoding.thread import EncoderStats, EncoderThread
from sidecar.limits import STOP_TIMEOUT
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame_slot import FrameSlot, FrameTee
from sidecar.streams.keyframes import KeyframeRequests
from sidecar.streams.ladder import QualityLadder, Rung


class Viewer(Protocol):
    """Whoever shows the camera; `target_bitrate` is told to it: what the encoder aims at, in bits per second."""

    target_bitrate: int | None

    def push(self, access_unit: AccessUnit) -> None:
        """Take one encoded picture; called on the loop's thread and never blocks."""


class Encoding:
    """An encoder thread, its frame rate and size, and its viewers.

    `size` is the camera's, in pixels, `settings.fps` its frame rate, and `fps` the highest rate that is wanted. Every
    method but stop_thread is called on the loop's thread. `on_keyframe` is called there with each keyframe
    before the viewers get it, `on_failed` once when the encoder broke.
    """

    def __init__(
        self,
        frames: FrameTee,
        size: tuple[int, int],
        settings: EncoderSettings,
        fps: float,
        *,
        on_keyframe: Callable[[Encoding, AccessUnit], None],
        on_failed: Callable[[ContractError], None],
    ) -> None:
        self.viewers: list[Viewer] = []
        self.bitrate = settings.bitrate
        self._frames = frames
        self._size = size
        self._camera_fps = settings.fps
        self._fps = fps
        self._on_keyframe = on_keyframe
        self._ladder = QualityLadder(*size, fps)
        self._taken: tuple[float | None, Fraction] = (None, Fraction(1))
        self._slot = FrameSlot()
        self._encoder = EncoderThread(self._slot, settings, deliver=on_loop(self._show), on_failed=on_loop(on_failed))
        self.keyframes = KeyframeRequests(self._encoder.request_keyframe)

    def start(self) -> None:
        """Be ready; nothing is encoded before `resume`."""
        self._take(self._ladder.choose(self.bitrate, at_once=True))
        self._encoder.pause()
        self._encoder.start()
        self._frames.add(self._slot)

    def resume(self) -> None:
        """Somebody looks, or is about to: a keyframe comes soon."""
        self._encoder.resume()

    def pause(self) -> None:
        """Nobody looks: encode nothing."""
        self._encoder.pause()

    def close(self) -> None:
        """Show nothing any more, and begin to end the thread."""
        self.keyframes.close()
        self.viewers.clear()
        self._frames.remove(self._slot)
        self._encoder.close()

    def stop_thread(self) -> bool:
        """Wait until the thread has ended, from any thread but that; False when it hangs and is left behind."""
        return self._encoder.stop(STOP_TIMEOUT)

    def aim(self, bitrate: int) -> None:
        """Aim at so many bits per second from the next frame on."""
        collapsed = bitrate < self.bitrate / 2
        self.bitrate = bitrate
        self._encoder.set_bitrate(bitrate)
        for viewer in self.viewers:
            viewer.target_bitrate = bitrate
        self._take(self._ladder.choose(bitrate, at_once=collapsed))

    def source_is(self, size: tuple[int, int], camera_fps: float, fps: float) -> None:
        """The camera gives pictures of this size (pixels) and rate, of which at most `fps` a second are wanted."""
        if (size, fps) != (self._size, self._fps):
            self._ladder = QualityLadder(*size, fps)
        self._size, self._camera_fps, self._fps = size, camera_fps, fps
        self._take(self._ladder.choose(self.bitrate, at_once=True))

    @property
    def overwritten(self) -> int:
        """Frames that were replaced by a newer one before the encoder was free."""
        return self._slot.overwritten

    def stats(self) -> EncoderStats:
        """A snapshot of the encoder's counters."""
        return self._encoder.stats()

    def _take(self, rung: Rung) -> None:
        fps = rung.fps if rung.fps < self._camera_fps else None
        if (fps, rung.scale) != self._taken:
            self._taken = fps, rung.scale
            self._encoder.set_fps(fps)
            self._encoder.set_scale(rung.scale)

    def _show(self, access_unit: AccessUnit) -> None:
        if access_unit.keyframe:
            self.keyframes.came()
            self._on_keyframe(self, access_unit)
        for viewer in tuple(self.viewers):
            viewer.push(access_unit)
        self._take(self._ladder.choose(self.bitrate))
