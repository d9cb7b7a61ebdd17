"""What one camera's pictures are encoded to, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sidecar.cameras.device import Format
from sidecar.contract.errors import ContractError
from sidecar.contract.types import EncodingName, EncodingOptions
from sidecar.encoding.settings import EncoderSettings
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame_slot import FrameTee
from sidecar.streams.bitrate import BitrateTarget, LinkSplit, default_bitrate
from sidecar.streams.jpeg_pictures import JpegPictures
from sidecar.streams.rendition import Encoding, Viewer


class Encodings:
    """The encodings of one camera, and which viewer is on which.

    There is one, `full`, as long as the links of its viewers are alike. Those whose link carries far less than the
    best get `reduced`, so that they do not take the picture from the others; it exists only while somebody is on it. A
    viewer changes over with a keyframe of the other encoding. Every method but stop_threads is called on the loop's
    thread; `on_failed` is called there, too.
    """

    def __init__(
        self, frames: FrameTee, picture: Format, options: EncodingOptions, on_failed: Callable[[ContractError], None]
    ) -> None:
        self.bitrate = BitrateTarget.choose(
            options.bitrate, options.max_bitrate, default_bitrate(picture.width, picture.height, picture.fps)
        )
        self.jpeg = JpegPictures(frames, on_failed)
        self._frames = frames
        self._picture = picture
        self._wanted_fps: float | None = None
        self._on_failed = on_failed
        self._split = LinkSplit()
        self._links: dict[Viewer, int] = {}
        self._awaiting: dict[Viewer, Encoding] = {}
        self._settings = EncoderSettings(
            fps=picture.fps, bitrate=self.bitrate.wanted, keyframe_interval=options.keyframe_interval or 0.0
        )
        self.full = self._new_encoding(self.bitrate.wanted)
        self.reduced: Encoding | None = None

    def start(self) -> None:
        """Be ready; nothing is encoded before somebody looks."""
        self.full.start()

    def close(self) -> None:
        """Show nothing any more, and begin to end the threads."""
        self._links.clear()
        self._awaiting.clear()
        self.jpeg.close()
        self.full.close()
        if self.reduced is not None:
            self.reduced.close()

    def stop_threads(self) -> bool:
        """Wait until the threads have ended, from any thread but theirs; False when one hangs and is left behind."""
        stopped = self.full.stop_thread()
        return (self.reduced is None or self.reduced.stop_thread()) and stopped

    # -- viewers ------------------------------------------------------------------------------------------------------

    @property
    def viewers(self) -> int:
        """How many look at it."""
        return len(self._everybody()) + self.jpeg.viewers

    def add_viewer(self, viewer: Viewer) -> None:
        """From now on push every access unit to `viewer`, a keyframe soon among them. Once is enough."""
        if viewer in self._everybody():
            return
        is_first = not self._everybody()
        self.full.viewers.append(viewer)
        viewer.target_bitrate = self.full.bitrate
        if is_first:
            self.full.resume()
        else:
            self.full.keyframes.want()

    def remove_viewer(self, viewer: Viewer) -> None:
        """Push nothing to `viewer` any more; encode no more when it was the last."""
        for encoding in self._encodings():
            if viewer in encoding.viewers:
                encoding.viewers.remove(viewer)
            encoding.keyframes.forget(viewer)
        self._links.pop(viewer, None)
        self._awaiting.pop(viewer, None)
        self._split.forget(viewer)
        self._arrange()
        if not self._everybody():
            self.full.pause()

    def encoding_of(self, viewer: Viewer) -> EncodingName | None:
        """On which of the two a viewer is; None when it is on none."""
        if self.reduced is not None and viewer in self.reduced.viewers:
            return "reduced"
        return "full" if viewer in self.full.viewers else None

    def keyframe_needed(self, viewer: Viewer) -> None:
        """A viewer cannot go on without a keyframe."""
        encoding = self._awaiting.get(viewer) or next(
            (encoding for encoding in self._encodings() if viewer in encoding.viewers), None
        )
        if encoding is not None:
            encoding.keyframes.want(viewer)

    def request_keyframe(self) -> None:
        """A keyframe for everybody, asked for by the client."""
        for encoding in self._encodings():
            encoding.keyframes.want("client")

    # -- rate ---------------------------------------------------------------------------------------------------------

    def link_carries(self, viewer: Viewer, bitrate: int) -> None:
        """A viewer's link carries this many bits per second."""
        if viewer in self._everybody():
            self._links[viewer] = bitrate
            self._arrange()

    def change(self, bitrate: int | None, max_bitrate: int | None, fps: float | None) -> None:
        """Change what is given; no renegotiation."""
        self.bitrate.change(bitrate, max_bitrate)
        if bitrate is not None:
            self._links.clear()  # estimates of before say nothing about it
        self._arrange()
        if fps is not None:
            self._wanted_fps = fps
            self.camera_gives(self._picture)

    def camera_gives(self, picture: Format) -> None:
        """Pictures of this size and rate from now on: a camera that was lost may come back with others."""
        self._picture = picture
        self.bitrate.suit(default_bitrate(picture.width, picture.height, picture.fps))
        for encoding in self._encodings():
            encoding.source_is(self._size, picture.fps, self.fps)
        self._arrange()

    @property
    def fps(self) -> float:
        """Frames per second that are encoded at most."""
        return min(self._wanted_fps or self._picture.fps, self._picture.fps)

    # -- inside -------------------------------------------------------------------------------------------------------

    @property
    def _size(self) -> tuple[int, int]:
        return self._picture.width, self._picture.height

    def _new_encoding(self, bitrate: int) -> Encoding:
        return Encoding(
            self._frames,
            self._size,
            replace(self._settings, bitrate=bitrate, fps=self._picture.fps),
            self.fps,
            on_keyframe=self._change_over,
            on_failed=self._on_failed,
        )

    def _encodings(self) -> tuple[Encoding, ...]:
        return (self.full,) if self.reduced is None else (self.full, self.reduced)

    def _everybody(self) -> list[Viewer]:
        return [viewer for encoding in self._encodings() for viewer in encoding.viewers]

    def _arrange(self) -> None:
        """Decide who is on which encoding, and what the two aim at."""
        everybody = self._everybody()
        best = self.bitrate.value(self._best_link(everybody))
        narrow = {viewer for viewer in everybody if self._split.is_narrow(viewer, self._links.get(viewer), best)}
        self.full.aim(self._target_for(set(everybody) - narrow))
        if narrow and self.reduced is None:
            self.reduced = self._new_encoding(self._target_for(narrow))
            self.reduced.start()
            self.reduced.resume()
        elif narrow and self.reduced is not None:
            self.reduced.aim(self._target_for(narrow))
        for viewer in everybody:
            self._send_to(viewer, self.reduced if viewer in narrow and self.reduced is not None else self.full)
        self._end_unused()

    def _best_link(self, viewers: list[Viewer]) -> list[int]:
        """That of the best viewer; nothing when it is one whose link is not known."""
        known = [self._links[viewer] for viewer in viewers if viewer in self._links]
        return [max(known)] if known and len(known) == len(viewers) else []

    def _target_for(self, viewers: set[Viewer]) -> int:
        return self.bitrate.value(self._links[viewer] for viewer in viewers if viewer in self._links)

    def _send_to(self, viewer: Viewer, encoding: Encoding) -> None:
        if viewer in encoding.viewers:
            self._awaiting.pop(viewer, None)
        elif self._awaiting.get(viewer) is not encoding:
            self._awaiting[viewer] = encoding
            encoding.keyframes.want()

    def _change_over(self, encoding: Encoding, keyframe: AccessUnit) -> None:
        """The keyframe is there that some viewers wait for to come over to this encoding."""
        for viewer in [viewer for viewer, awaited in self._awaiting.items() if awaited is encoding]:
            del self._awaiting[viewer]
            for other in self._encodings():
                if viewer in other.viewers:
                    other.viewers.remove(viewer)
            encoding.viewers.append(viewer)
            viewer.target_bitrate = encoding.bitrate
        self._end_unused()

    def _end_unused(self) -> None:
        reduced = self.reduced
        if reduced is not None and not reduced.viewers and reduced not in self._awaiting.values():
            self.reduced = None
            reduced.close()
