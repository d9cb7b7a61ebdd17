from __future__ import annotations

import asyncio
import logging
import sys
import threading
from pathlib import Path

import pytest
from pydantic import BaseModel

from sidecar.commands import media
from sidecar.commands.media import imported_first, preload

SLOW = "slow_library"
METHOD = "needs_the_slow_library"


class Nothing(BaseModel):
    pass


@pytest.fixture
def slow_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A library whose import goes on until the event is set; `preload` and METHOD need it."""
    go_on = threading.Event()
    (tmp_path / f"{SLOW}.py").write_text(f"import {__name__} as test\ntest.import_of_it.wait(30)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys.modules[__name__], "import_of_it", go_on, raising=False)
    monkeypatch.setitem(media.NEEDED, METHOD, (SLOW,))
    monkeypatch.setattr(media, "PRELOADED", (SLOW,))
    monkeypatch.delitem(sys.modules, SLOW, raising=False)
    return go_on


async def handler(params: Nothing) -> Nothing:
    assert SLOW in sys.modules
    return params


async def test_a_request_waits_for_an_import_that_has_begun_and_the_loop_does_not(
    slow_library: threading.Event,
) -> None:
    preloading = asyncio.create_task(preload())
    request = asyncio.ensure_future(imported_first(METHOD, handler)(Nothing()))
    for _ in range(100):  # the loop goes round while both stand
        await asyncio.sleep(0)
    assert not request.done()
    assert not preloading.done()
    slow_library.set()
    assert await request == Nothing()
    await preloading


async def test_a_library_that_cannot_be_imported_is_told_in_the_log_and_to_who_needs_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(media.NEEDED, METHOD, ("no_such_library",))
    monkeypatch.setattr(media, "PRELOADED", ("no_such_library",))
    with caplog.at_level(logging.WARNING):
        await preload()
    assert "no_such_library" in caplog.text
    with pytest.raises(ModuleNotFoundError):
        await imported_first(METHOD, handler)(Nothing())


def test_what_needs_nothing_heavy_is_not_wrapped() -> None:
    assert imported_first("ping", handler) is handler
