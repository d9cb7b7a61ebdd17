from __future__ import annotations

import asyncio
import logging
import sys
import threading
from pathlib import Path

import pytest
from pydantic import BaseModel

from sidecar.commands.imports import imported_first, preload

SLOW = "slow_library"
MISSING = "no_such_library"


class Nothing(BaseModel):
    pass


@pytest.fixture
def slow_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A library, SLOW; its import goes on until the event is set."""
    go_on = threading.Event()
    (tmp_path / f"{SLOW}.py").write_text(f"import {__name__} as test\ntest.import_of_it.wait(30)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys.modules[__name__], "import_of_it", go_on, raising=False)
    monkeypatch.delitem(sys.modules, SLOW, raising=False)
    return go_on


async def handler(params: Nothing) -> Nothing:
    assert SLOW in sys.modules
    return params


async def test_a_request_waits_for_an_import_that_has_begun_and_the_loop_does_not(
    slow_library: threading.Event,
) -> None:
    preloading = asyncio.create_task(preload([SLOW]))
    request = asyncio.ensure_future(imported_first([SLOW], handler)(Nothing()))
    for _ in range(100):  # the loop goes round while both stand
        await asyncio.sleep(0)
    assert not request.done()
    assert not preloading.done()
    slow_library.set()
    assert await request == Nothing()
    await preloading


async def test_a_failed_import_is_logged_and_fails_the_request_that_needs_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        await preload([MISSING])
    assert MISSING in caplog.text
    with pytest.raises(ModuleNotFoundError):
        await imported_first([MISSING], handler)(Nothing())


def test_a_handler_that_needs_no_import_is_not_wrapped() -> None:
    assert imported_first((), handler) is handler
