from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise

import numpy as np
import pytest

from sidecar.cameras.pattern.placeholder import BRIGHT, DARK, DIM, DOTS, LETTERS, LINES, Placeholder, picture
from sidecar.media.frame import Colour


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (320, 180), (720, 1280), (64, 48), (16, 16), (7680, 100)])
def test_a_picture_has_the_size_asked_for_and_no_colour(width: int, height: int) -> None:
    luma, u, v = picture(width, height, 0)
    assert luma.shape == (height, width)
    assert u.shape == v.shape == (height // 2, width // 2)
    assert set(np.unique(luma)) == {DARK, DIM, BRIGHT}
    assert set(np.unique(u)) == set(np.unique(v)) == {128}


@pytest.mark.parametrize(("width", "height", "words"), [(1280, 720, True), (160, 120, True), (64, 48, False)])
def test_the_words_are_there_where_they_can_be_read(width: int, height: int, words: bool) -> None:
    luma = picture(width, height, 0)[0]
    written = luma[: height * 7 // 10] == BRIGHT
    assert written.any() == words
    if words:
        columns = np.flatnonzero(written.any(axis=0))
        assert abs(columns[0] - (width - 1 - columns[-1])) <= width // 20, "they stand in the middle"


def test_every_letter_is_five_by_seven_and_every_one_needed_is_there() -> None:
    assert set("".join(LINES)) <= set(LETTERS)
    assert {tuple(map(len, rows.split())) for rows in LETTERS.values()} == {(5,) * 7}


def test_the_dots_light_up_one_after_the_other_so_that_the_picture_is_never_frozen() -> None:
    pictures = [picture(320, 180, number)[0] for number in range(DOTS + 1)]
    assert all(not np.array_equal(one, other) for one, other in pairwise(pictures))
    assert np.array_equal(pictures[0], pictures[DOTS])


def test_pictures_come_at_their_own_pace_the_first_one_after_a_moment() -> None:
    placeholder = Placeholder(64, 48, Colour("pc", "bt709"), fps=20.0)
    started = time.monotonic()
    frames = [placeholder.read() for _ in range(2)]
    placeholder.close()
    assert time.monotonic() - started > 1.8 / 20.0
    assert [frame.number for frame in frames] == [0, 1]
    assert {(frame.width, frame.height, frame.pixel_format, frame.colour) for frame in frames} == {
        (64, 48, "yuv420p", Colour("pc", "bt709"))
    }


def test_it_is_drawn_without_opencv() -> None:
    code = (
        "import sys; from sidecar.cameras.pattern import placeholder; "
        "placeholder.picture(640, 480, 0); print('cv2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
