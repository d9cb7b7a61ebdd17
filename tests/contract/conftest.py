"""One sidecar for each module; the tests close all that they open in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sidecar_process import RawProcess, raw_process, sidecar_command

FOLDER = Path(__file__).parent
COVERAGE = FOLDER / "test_coverage.py"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of the coverage at the end."""
    items.sort(key=lambda item: item.path == COVERAGE)


@pytest.fixture
def after_all_others(request: pytest.FixtureRequest) -> None:
    """Skips where only some of this folder's tests were chosen."""
    chosen = {item.path for item in request.session.items}
    if request.config.option.keyword or set(FOLDER.glob("test_*.py")) - chosen:
        pytest.skip("it needs all tests of tests/contract in the same run")


@pytest.fixture(scope="module")
def raw_sidecar(sidecar_program: str | None) -> Iterator[RawProcess]:
    """A sidecar that has said it is ready."""
    with raw_process(sidecar_command(sidecar_program)) as process:
        assert process.receive()["method"] == "ready"
        yield process
