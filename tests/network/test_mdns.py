"""Viewers that hide their addresses behind mDNS names, in a network of the test's own."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("ip") is None,
    reason="needs Linux, root, unshare and ip",
)

ISOLATED = 'ip link set lo up && ip link set lo multicast on && ip route add 224.0.0.0/4 dev lo && exec "$@"'


async def connected_by(name_is: str) -> str:
    command = (
        "unshare",
        "--net",
        "sh",
        "-c",
        ISOLATED,
        "sh",
        sys.executable,
        "-m",
        "tests.network.inside.mdns",
        name_is,
    )
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe)
    try:
        output, _ = await asyncio.wait_for(process.communicate(), 40)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return output.decode().strip()


async def test_a_name_that_resolves_leads_to_the_viewer() -> None:
    assert await connected_by("published") == "host True"


async def test_the_viewer_s_own_checks_lead_to_it_when_its_name_does_not_resolve() -> None:
    assert await connected_by("unknown") == "prflx False"
