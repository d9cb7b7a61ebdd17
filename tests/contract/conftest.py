"""One sidecar for each module: the tests here leave nothing behind in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.sidecar_process import RawProcess, raw_process, sidecar_command


@pytest.fixture(scope="module")
def raw_sidecar(sidecar_program: str | None) -> Iterator[RawProcess]:
    """A sidecar that has said it is ready."""
    with raw_process(sidecar_command(sidecar_program)) as process:
        assert process.receive()["method"] == "ready"
        yield process
