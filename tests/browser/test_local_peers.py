"""Chromium on the same machine, at the address of its network interface, and a sidecar with --peers local."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from benchmark.receiver import open_receiver
from benchmark.sender import Sender

from sidecar.client import SidecarClient
from tests.support.chromium import needs_chromium
from tests.support.namespaces import needs_namespaces, network_namespace
from tests.support.sidecar_process import ROOT

pytestmark = [needs_namespaces, needs_chromium, pytest.mark.timeout(120)]

PICTURES = 30


async def test_a_browser_on_this_machine_gets_the_picture(tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    assert chromium is not None
    async with network_namespace(tmp_path) as inside:
        script = inside.script(tmp_path / "chromium", chromium)
        command = inside.command(sys.executable, "-m", "sidecar", "--log-level", "warning", "--peers", "local")
        async with open_receiver(str(script)) as receiver, SidecarClient.start(command, cwd=str(ROOT)) as client:
            await client.notification("ready", timeout=20)
            sender = Sender(client)
            offer = await sender.offer()
            await sender.take_answer(offer, await receiver.answer(offer.sdp))
            await receiver.trickle(lambda candidate: sender.add_candidate(offer, candidate))
            await receiver.wait_for_frames(PICTURES)
            (connection,) = (await sender.stats())["connections"]
            assert connection["candidate_pair"]["local"]["address"] in ("127.0.0.1", "::1")
            await receiver.stop()
