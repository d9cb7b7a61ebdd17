from __future__ import annotations

import pytest

from sidecar.local_stream.origins import AllowedOrigins


@pytest.mark.parametrize(
    "origin",
    [
        "tauri://localhost",
        "http://tauri.localhost",
        "https://tauri.localhost",
        "http://localhost",
        "http://localhost:1420",
        "http://127.0.0.1:8000",
        "http://[::1]:5173",
    ],
)
def test_pages_of_desktop_apps_are_allowed(origin: str) -> None:
    assert AllowedOrigins().allows([origin])


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.org",
        "null",
        "",
        "http://localhost.example.org",
        "http://localhost:1420.example.org",
        "http://127.0.0.1.example.org",
        "http://127.0.0.2",
        "https://localhost\n",
        "tauri://localhost.example.org",
        "http://user@localhost",
        "file://",
    ],
)
def test_other_pages_are_refused(origin: str) -> None:
    assert not AllowedOrigins().allows([origin])


def test_the_command_line_allows_more_origins() -> None:
    allowed = AllowedOrigins(["https://app.example"])
    assert allowed.allows(["https://app.example"])
    assert not allowed.allows(["https://app.example:8443"])


def test_a_request_without_origin_is_allowed_and_one_with_two_is_refused() -> None:
    assert AllowedOrigins().allows([])
    assert not AllowedOrigins().allows(["tauri://localhost", "tauri://localhost"])
