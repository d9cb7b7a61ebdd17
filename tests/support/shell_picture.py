"""The test picture on the page of the Tauri app: shows it and reads its time stamps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psutil
from webdriver import Window

# As an app's own page does it, with the public piece of the frontend.
SHOW = """
    const { showCamera } = await import("/camera-sidecar/player.js");
    if (!window.views) {
        window.views = [];
        document.body.replaceChildren();
        document.body.style.cssText = "display: flex; flex-wrap: wrap; gap: 8px; padding: 8px";
    }
    const place = document.createElement("div");
    place.style.cssText = "width: 480px; height: 360px";
    document.body.append(place);
    const [deviceId, width, height] = arguments;
    views.push(await showCamera(place, { deviceId, format: { width, height, fps: 30 } }));
    return views.length - 1;"""

# Calls `see` with the time stamp in the strip of each new picture and the time of reading, until `see` returns a value.
WATCH = """
    const { decodeStamp } = await import("/camera-sidecar/time-strip.js");
    const strip = Object.assign(document.createElement("canvas"), { width: 32, height: 1 });
    const context = strip.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingEnabled = false;
    const readStamp = (picture) => {
        const width = picture.videoWidth ?? picture.width, height = picture.videoHeight ?? picture.height;
        if (!width) return undefined;
        context.drawImage(picture, 0, height / 36 - 1, width, 2, 0, 0, 32, 1);
        return decodeStamp(context.getImageData(0, 0, 32, 1).data);
    };
    const watch = async (view, see, until = performance.now() + 30_000) => {
        for (let last; performance.now() < until; ) {
            await new Promise(requestAnimationFrame);
            const now = Date.now(), stamp = readStamp(view.element);
            if (stamp === last) continue;
            last = stamp;
            const seen = see(stamp, now);
            if (seen !== undefined) return seen;
        }
    };"""

# A stamp counts when it is a time of the last ten seconds, which no other content of a picture resembles.
SEEN = (
    WATCH
    + """
    const { latencyOf } = await import("/camera-sidecar/time-strip.js");
    const [number, milliseconds] = arguments;
    const view = views[number], latencies = [];
    const see = (stamp, now) => {
        const latency = latencyOf(stamp, now);
        if (latency !== null) latencies.push(latency);
    };
    await watch(view, see, performance.now() + milliseconds);
    const { width, height } = view.element;
    return { width, height, latencies };"""
)

NEXT = (
    WATCH
    + """
    const [number, after] = arguments;
    const found = await watch(views[number], (stamp, now) => {
        const ahead = (stamp - (after % 2 ** 32) + 2 ** 32) % 2 ** 32;
        return ahead < 60_000 ? now : undefined;
    });
    if (found === undefined) throw new Error(`no picture came: ${views[number].state}, ${views[number].reason}`);
    return found;"""
)

# Counts the drawn pictures and the compositions of the page for some time. No picture is read back, which costs more
# than the drawing.
RATES = """
    const [number, milliseconds] = arguments;
    let drawn = 0, composed = 0, over = false;
    const startedAt = performance.now(), end = views[number].onFrame(() => drawn++);
    const compose = () => { composed++; if (!over) requestAnimationFrame(compose); };
    requestAnimationFrame(compose);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    end();
    over = true;
    const seconds = (performance.now() - startedAt) / 1000;
    return { drawn: drawn / seconds, composed: composed / seconds };"""

SHADES = """
    const dot = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    const context = dot.getContext("2d", { willReadFrequently: true });
    const { element } = views[arguments[0]], shades = new Set();
    for (const until = performance.now() + arguments[1]; performance.now() < until; ) {
        await new Promise(requestAnimationFrame);
        context.drawImage(element, element.width / 2, element.height / 2, 1, 1, 0, 0, 1, 1);
        shades.add(context.getImageData(0, 0, 1, 1).data[1]);
    }
    return [...shades];"""


@dataclass(frozen=True)
class Seen:
    """The size of a picture, and the age of each frame in milliseconds."""

    width: int
    height: int
    latencies: list[float]


@dataclass(frozen=True)
class Rates:
    """Pictures drawn and compositions of the page a second, and the idle time in percent of all processors' time."""

    drawn: float
    composed: float
    idle: float


class ShownCamera:
    """A camera in one place of the page."""

    def __init__(self, window: Window, device_id: str = "test:pattern", *, width: int = 640, height: int = 480) -> None:
        self._window = window
        self._number = window.run(SHOW, device_id, width, height)
        window.wait("views[arguments[0]].state === 'live'", self._number)

    def seen(self, seconds: float = 3.0) -> Seen:
        """Watch it for some time."""
        return Seen(**self._window.run(SEEN, self._number, seconds * 1000))

    def rates(self, seconds: float) -> Rates:
        """The rates of drawing and composition over some time, and the processors' idle time."""
        psutil.cpu_times_percent()
        found = self._window.run(RATES, self._number, seconds * 1000)
        return Rates(**found, idle=psutil.cpu_times_percent().idle)

    def shades(self, seconds: float = 2.0) -> set[int]:
        """The different greys that the middle of the picture has over some time."""
        return set(self._window.run(SHADES, self._number, seconds * 1000))

    def seen_after(self, moment: float) -> float:
        """When a picture was seen that was made after a moment; both in seconds since the epoch."""
        seen: float = self._window.run(NEXT, self._number, moment * 1000)
        return seen / 1000

    def stop(self) -> None:
        """Take it from the page."""
        self._window.run("await views[arguments[0]].stop()", self._number)

    def stats(self) -> dict[str, Any]:
        """The player's own figures of the time since the last call."""
        stats: dict[str, Any] = self._window.run("return views[arguments[0]].stats()", self._number)
        return stats
