"""The parts of the contract that need a device; tests/contract/test_coverage.py leaves them to this file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from sidecar.client import CallError, SidecarClient
from tests.conftest import StartSidecar
from tests.support.contract_schemas import check_error, check_notification
from tests.support.vivid import DRIVER, held

PATIENCE = 90.0
"""Seconds: the imports of the sidecar alone take 20 in here."""


@pytest.fixture
async def sidecar(start_sidecar: StartSidecar) -> AsyncIterator[SidecarClient]:
    async with start_sidecar() as client:
        await client.notification("ready", timeout=PATIENCE)
        yield client


@pytest.fixture
def driver() -> Iterator[str]:
    """The name by which the cameras are unbound from their driver; in the end they are bound again."""
    name = next(path.name for path in DRIVER.iterdir() if path.name.startswith("vivid."))
    yield name
    if not (DRIVER / name).exists():
        (DRIVER / "bind").write_text(name)


async def cameras(sidecar: SidecarClient) -> list[str]:
    listed = await sidecar.call("get_available_cameras", timeout=PATIENCE)
    return [camera["device_id"] for camera in listed["cameras"] if camera["kind"] == "camera"]


async def cameras_changed(sidecar: SidecarClient) -> dict[str, Any]:
    params = await sidecar.notification("cameras_changed", timeout=PATIENCE)
    check_notification({"jsonrpc": "2.0", "method": "cameras_changed", "params": params})
    return params


async def test_a_camera_that_another_program_holds_is_busy(sidecar: SidecarClient) -> None:
    async with held("/dev/video1"):
        with pytest.raises(CallError) as refused:
            await sidecar.call("start_streaming", {"device_id": (await cameras(sidecar))[1]}, timeout=PATIENCE)
    error = refused.value
    check_error({"code": error.code, "message": error.message, "data": error.data}, "start_streaming")
    assert (error.code, error.data["kind"], error.data["retryable"]) == (1002, "camera_busy", True)


async def test_cameras_that_go_and_come_back_are_told_with_the_same_ids(sidecar: SidecarClient, driver: str) -> None:
    there = await cameras(sidecar)
    (DRIVER / "unbind").write_text(driver)
    gone = await cameras_changed(sidecar)
    assert (gone["added"], gone["removed"]) == ([], sorted(there))
    assert await cameras(sidecar) == []
    (DRIVER / "bind").write_text(driver)
    back = await cameras_changed(sidecar)
    assert (back["added"], back["removed"]) == (sorted(there), [])
    assert [camera["device_id"] for camera in back["cameras"] if camera["kind"] == "camera"] == there
