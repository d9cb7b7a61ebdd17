"""The demo's server and its page, for tests that use it as a person does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium_options import ARGUMENTS, PLAIN_ADDRESSES
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.chromium import CHROMIUM
from tests.support.demo_page import SLOW, Demo, running_demo


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running_demo() as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=SLOW)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, PLAIN_ADDRESSES])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that must not have written an error or a warning to its console by the end."""
    context = browser.new_context()
    new = context.new_page()
    new.set_default_timeout(SLOW)
    complaints: list[str] = []
    new.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    new.on("pageerror", lambda error: complaints.append(str(error)))
    yield new
    context.close()
    assert complaints == []
