from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

import pytest


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The end to read and the end to write; a test may close either."""
    read, write = os.pipe()
    yield read, write
    for fd in (read, write):
        with suppress(OSError):
            os.close(fd)
