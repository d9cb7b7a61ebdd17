"""Fixtures for all tests: the sidecar as a process; and the settings of Hypothesis."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from hypothesis import HealthCheck, settings

from sidecar.client import SidecarClient
from tests.support.sidecar_process import ROOT, sidecar_command

# The machines that run this are slow and shared: no deadline for one example, few examples.
settings.register_profile(
    "ci", max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")

StartSidecar = Callable[..., AbstractAsyncContextManager[SidecarClient]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sidecar",
        metavar="PATH",
        help="the program to test in the place of python -m sidecar; `onedir` and `onefile` freeze it first",
    )


def pytest_configure(config: pytest.Config) -> None:
    # jsonrpcserver reads its schema this way when it is imported; Python 3.13 allows it again.
    config.addinivalue_line("filterwarnings", "ignore:(read|open)_text is deprecated:DeprecationWarning")
    if config.option.sidecar in ("onedir", "onefile"):
        # Here, because a build takes longer than a test may.
        from tests.support.frozen import frozen

        sys.stderr.write(f"freezing the sidecar ({config.option.sidecar}), unless that was done before …\n")
        config.option.sidecar = str(frozen(config.option.sidecar == "onefile").program)


@pytest.fixture(scope="session")
def sidecar_program(request: pytest.FixtureRequest) -> str | None:
    """The program of --sidecar, or None for the package in this tree."""
    program: str | None = request.config.getoption("--sidecar")
    return program


@pytest.fixture
def start_sidecar(sidecar_program: str | None) -> StartSidecar:
    """Starts the sidecar: `async with start_sidecar("--allow-source", "file:*") as client`."""

    def start(*arguments: str) -> AbstractAsyncContextManager[SidecarClient]:
        return SidecarClient.start(sidecar_command(sidecar_program, *arguments), cwd=str(ROOT))

    return start


@pytest.fixture
async def sidecar(start_sidecar: StartSidecar) -> AsyncIterator[SidecarClient]:
    """A sidecar that has just started."""
    async with start_sidecar() as client:
        await client.notification("ready", timeout=30)
        yield client
