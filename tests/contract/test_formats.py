"""Formats of a camera that is open, and photos of it, with the running process."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sidecar.cameras.pattern.painter import COLOR_BARS, STAMP_CELLS, color_bar
from tests.support.checked_call import call
from tests.support.sidecar_process import RawProcess, raw_process, sidecar_command
from tests.support.videos import write_video

FRAME_INTERVAL_MS = 1000 / 30


@pytest.mark.parametrize("wanted", [{"width": 640}, {"height": 480}, {"width": 128, "height": 48}, {"fps": 15}])
def test_a_file_keeps_its_format_and_says_so(
    sidecar_program: str | None, tmp_path: Path, wanted: dict[str, int]
) -> None:
    video = write_video(tmp_path / "video.mp4", size=(64, 48), fps=30)
    with raw_process(sidecar_command(sidecar_program, "--allow-source", f"file:{tmp_path}/*")) as process:
        started = call(process, 1, "start_streaming", device_id=f"file:{video}")["result"]
        error = call(process, 2, "set_format", session_id=started["session_id"], format=wanted)["error"]
        same = {"width": 64, "height": 48, "fps": 30}
        kept = call(process, 3, "set_format", session_id=started["session_id"], format=same)["result"]
    assert (error["code"], error["data"]["kind"]) == (1006, "format_not_supported")
    assert error["data"]["details"] == {"width": 64, "height": 48, "fps": 30.0}
    assert kept["format"] == started["format"]


@pytest.mark.parametrize("mime_type", ["image/png", "image/jpeg"])
def test_a_photo_has_the_camera_s_size_orientation_and_colours(raw_sidecar: RawProcess, mime_type: str) -> None:
    wanted = {"width": 640, "height": 480, "fps": 30}
    session = call(raw_sidecar, 1, "start_streaming", device_id="test:pattern", format=wanted)["result"]["session_id"]
    taken = call(raw_sidecar, 2, "take_photo", session_id=session, mime_type=mime_type, quality=1.0)["result"]
    call(raw_sidecar, 3, "stop_streaming", session_id=session)
    picture = decoded(taken)
    assert picture.shape == (taken["height"], taken["width"], 3) == (480, 640, 3)
    for bar, (name, _) in enumerate(COLOR_BARS):
        x, y, width, height = color_bar(640, 480, bar)
        middle = picture[y + 4 : y + height - 4, x + 4 : x + width - 4]
        assert np.abs(middle.astype(int) - bgr_of(name)).max() <= 3, name


def test_a_photo_shows_the_moment_that_its_result_names_after_the_request(raw_sidecar: RawProcess) -> None:
    session = call(raw_sidecar, 1, "start_streaming", device_id="test:pattern")["result"]["session_id"]
    asked_at = call(raw_sidecar, 2, "ping")["result"]["wall_ms"]
    taken = call(raw_sidecar, 3, "take_photo", session_id=session, mime_type="image/png")["result"]
    call(raw_sidecar, 4, "stop_streaming", session_id=session)
    captured = taken["captured_wall_ms"]
    assert captured >= asked_at
    picture = decoded(taken)
    middles = [int((cell + 0.5) * picture.shape[1] / STAMP_CELLS) for cell in range(STAMP_CELLS)]
    shown = sum(1 << bit for bit, x in enumerate(middles) if picture[picture.shape[0] // 36, x, 1] > 127)
    assert abs(captured % 2**32 - shown) < FRAME_INTERVAL_MS / 2, "of this frame, not of a neighbour"


def decoded(photo: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    found = cv2.imdecode(np.frombuffer(b64decode(photo["data"]), np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return np.asarray(found, np.uint8)


def bgr_of(name: str) -> tuple[int, int, int]:
    """The colour of a bar, 75 %: blue, green and red are 191 or 0."""
    parts = {
        "white": "bgr",
        "yellow": "gr",
        "cyan": "bg",
        "green": "g",
        "magenta": "br",
        "red": "r",
        "blue": "b",
        "black": "",
    }
    blue, green, red = (191 if part in parts[name] else 0 for part in "bgr")
    return blue, green, red
