"""The reported quality of a picture with a real fault: of the network, the encoder or the viewer."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable
from itertools import count
from typing import Any

import pytest

from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import RequestedFormat
from sidecar.cameras.drivers import Drivers
from sidecar.connections.connections import Connections
from sidecar.contract.types import EncodingOptions, Quality, Stats
from sidecar.encoding.h264.x264 import X264Encoder
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame import Frame
from sidecar.statistics.collection import Statistics
from sidecar.streams.sessions import Sessions
from sidecar.webrtc.dtls import DtlsTransport
from tests.support.local_viewer import LocalViewer, local_viewer
from tests.support.notifications import Notifications
from tests.support.peers import Viewer, in_background

SMALL = RequestedFormat(width=320, height=180, fps=30)
LOSES_EVERY = 5
SLOW_SECONDS = 0.15
"""For one picture: four times as long as it lasts."""
SLOW_PICTURES = 20
"""They take three seconds."""


class Sidecar:
    """Connections to the test pattern, and their statistics twice a second."""

    def __init__(self) -> None:
        self.notifications = Notifications()
        self.sessions = Sessions(Drivers(Catalogue()), self.notifications)
        self.connections = Connections(self.sessions, self.notifications)
        self.statistics = Statistics(self.sessions.streams, self.connections, self.notifications)

    async def quality(self, reason: str, word: str) -> Quality:
        """Wait for a quality with this reason and word in its hint; a busy machine may have other reasons before."""

        def fits(quality: dict[str, Any] | None) -> bool:
            return quality is not None and quality["reason"] == reason and word in quality["hint"]

        stats = await self.notifications.wait_for(
            "stats", lambda stats: any(fits(each["quality"]) for each in stats["connections"])
        )
        quality = Stats.model_validate(stats).connections[0].quality
        assert quality is not None
        return quality

    async def local_address(self) -> str:
        """Where a local viewer comes to see the test pattern."""
        connection = self.connections.create_local()
        await self.connections.show(connection, "test:pattern", SMALL, EncodingOptions())
        return (await connection.invite())[0]

    async def aclose(self) -> None:
        await self.statistics.aclose()
        await self.connections.aclose()
        await self.sessions.aclose()


async def take_all(viewer: LocalViewer) -> None:
    """As a webview does that keeps up."""
    while True:
        await viewer.next()


@pytest.fixture
async def sidecar() -> AsyncIterator[Sidecar]:
    made = Sidecar()
    made.statistics.subscribe(500)
    yield made
    await made.aclose()


async def test_a_network_that_loses_packets_is_the_reason(sidecar: Sidecar, monkeypatch: pytest.MonkeyPatch) -> None:
    send_rtp, numbers = DtlsTransport.send_rtp, count()

    def lossy(self: DtlsTransport, packets: Iterable[bytes]) -> bool:
        return send_rtp(self, (packet for packet in packets if next(numbers) % LOSES_EVERY))

    monkeypatch.setattr(DtlsTransport, "send_rtp", lossy)
    connection, viewer = sidecar.connections.create([]), Viewer()
    try:
        await sidecar.connections.show(connection, "test:pattern", SMALL, EncodingOptions())
        answer = await viewer.answer(await connection.peer.create_offer())
        await connection.set_remote_description("answer", answer)
        quality = await sidecar.quality("network", "loses")
    finally:
        await viewer.close()
    assert quality.level in ("fair", "poor")


@pytest.fixture
def slow_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every picture takes four times as long to encode as it lasts."""
    encode = X264Encoder.encode

    def slow(self: X264Encoder, frame: Frame, *, keyframe: bool) -> AccessUnit:
        time.sleep(SLOW_SECONDS)
        return encode(self, frame, keyframe=keyframe)

    monkeypatch.setattr(X264Encoder, "encode", slow)


@pytest.mark.usefixtures("slow_encoder")
async def test_the_first_answer_is_of_what_was_counted_before_it() -> None:
    unasked = Sidecar()
    unasked.statistics.start()
    try:
        async with local_viewer(await unasked.local_address()) as viewer:
            for _ in range(SLOW_PICTURES):
                await viewer.next()
            quality = unasked.statistics.collect().connections[0].quality
    finally:
        await unasked.aclose()
    assert quality is not None
    assert (quality.level, quality.reason) == ("poor", "cpu")


async def test_there_is_no_word_before_there_is_evidence() -> None:
    sidecar = Sidecar()
    try:
        async with local_viewer(await sidecar.local_address()) as viewer:
            await viewer.next()
            await viewer.next()
            quality = sidecar.statistics.collect().connections[0].quality
    finally:
        await sidecar.aclose()
    assert quality is None


@pytest.mark.usefixtures("slow_encoder")
async def test_an_encoder_that_does_not_keep_up_is_the_reason(sidecar: Sidecar) -> None:
    async with local_viewer(await sidecar.local_address()) as viewer, in_background(take_all(viewer)):
        quality = await sidecar.quality("cpu", "encode")
    assert quality.level in ("fair", "poor")


async def test_a_page_that_does_not_keep_up_is_the_reason(sidecar: Sidecar) -> None:
    async with local_viewer(await sidecar.local_address()) as viewer:
        await viewer.next()
        quality = await sidecar.quality("cpu", "page")
    assert quality.level in ("fair", "poor")
