"""Fresh apps of create-tauri-app, made to show a camera by the steps of docs/getting-started.

The crate and the npm package are packed, so that no path of an app leads into this checkout.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from environment import cache_directory, exclusive
from webdriver import Driver, driver, screen

from tests.support.template_workshop import Workshop


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    """The folder of the packed parts and of one app at a time."""
    folder = cache_directory() / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder / "lock", "Waiting for other tests of template apps"):
        yield Workshop(folder)


@pytest.fixture(scope="session")
def web_driver() -> Iterator[Driver]:
    """Opens windows on a screen in memory, one at a time, and tells no app where a sidecar is."""
    with screen() as display, driver(display, {}) as running:
        yield running
