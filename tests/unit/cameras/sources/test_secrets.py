"""Hiding the secrets of sources in texts of any origin."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

import pytest

from sidecar.cameras.sources.rtsp_url import RtspSource
from sidecar.cameras.sources.secrets import MAX_SOURCES, Secrets
from tests.support.growth import MOST_GROWTH, growth

PASSWORD = "p@ss/w^{|}:#'rd"


@pytest.fixture
def secrets() -> Secrets:
    secrets = Secrets()
    secrets.remember(
        RtspSource.parse(f"rtsp://bobby-tables:{quote(PASSWORD, safe='')}@cam/x?channel=1&key=top%20secret")
    )
    return secrets


@pytest.mark.parametrize(
    "spelling",
    [
        PASSWORD,
        quote(PASSWORD),
        quote(PASSWORD, safe=""),
        re.sub("%..", lambda escape: escape[0].lower(), quote(PASSWORD, safe="")),
        repr(PASSWORD),
        base64.b64encode(f"bobby-tables:{PASSWORD}".encode()).decode(),
        "top%20secret",
        f"bobby-tables:{PASSWORD}@cam",
        f"(user 'bobby-tables', {PASSWORD})",
    ],
)
def test_a_secret_is_hidden_in_every_spelling(spelling: str, secrets: Secrets) -> None:
    text = secrets.hide(f"libav says: {spelling} is wrong")
    assert not any(part in text for part in ("bobby-tables", "ss/w", "top", spelling))
    assert text.startswith("libav says: ")
    assert text.endswith(" is wrong")


def test_a_short_secret_is_hidden_as_a_word_and_not_inside_of_words() -> None:
    secrets = Secrets()
    secrets.remember(RtspSource.parse("rtsp://cam:pw1@host/x"), permanent=True)
    assert secrets.hide("cam pw1, the camera's pw12") == "cam ***, the camera's pw12"


def test_a_source_without_secrets_is_shown_in_full() -> None:
    secrets = Secrets()
    secrets.remember(RtspSource.parse("rtsp://camera/stream?channel=1"))
    assert secrets.hide("camera stream channel=1") == "camera stream channel=1"


def test_pages_cannot_make_the_memory_grow_or_push_out_the_command_line() -> None:
    secrets = Secrets()
    secrets.remember(RtspSource.parse("rtsp://someone:hunter22@cam/x"), permanent=True)
    for number in range(3 * MAX_SOURCES):
        secrets.remember(RtspSource.parse(f"rtsp://user:password{number:04}@cam/x"))
    shown = [number for number in range(3 * MAX_SOURCES) if "password" in secrets.hide(f"password{number:04}")]
    assert shown == list(range(2 * MAX_SOURCES))
    assert secrets.hide("hunter22") == "***"


@pytest.mark.parametrize("unit", ["bobby-tables", "bobb", "top%20", "p@ss/", "b"])
def test_hiding_takes_linear_time(unit: str, secrets: Secrets) -> None:
    assert growth(lambda size: unit * size, secrets.hide, size=512) < MOST_GROWTH
