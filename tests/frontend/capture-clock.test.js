import assert from "node:assert/strict";
import { test } from "node:test";

import { CaptureClock } from "../../tauri-shell/player/src/capture-clock.js";
import { LatencyMeter } from "../../tauri-shell/player/src/latency-meter.js";

const ORIGIN = 1_767_225_600_000; // the wall clock at the page's time origin

/** A clock with one reading: asked at 5000, answered at 5004, of a frame captured at 4990. */
function clock({ theirs = ORIGIN, rtpTimestamp = 1000 } = {}) {
  const made = new CaptureClock(() => ORIGIN);
  const newestFrame = { rtp_timestamp: rtpTimestamp, captured_wall_ms: theirs + 4990 };
  made.learn({ newestFrame, wallMs: theirs + 5001, askedAt: 5000, answeredAt: 5004 });
  return made;
}

test("the capture time follows from the RTP time stamp of any frame", () => {
  assert.equal(clock().capturedAt({ rtpTimestamp: 1000 }, 5010), 4990);
  assert.equal(clock().capturedAt({ rtpTimestamp: 1000 + 90 * 33 }, 5040), 5023);
  assert.equal(clock().capturedAt({ rtpTimestamp: 1000 - 90 * 33 }, 5000), 4957);
});

test("the time stamp may wrap in between, either way", () => {
  assert.equal(clock({ rtpTimestamp: 2 ** 32 - 90 }).capturedAt({ rtpTimestamp: 90 }, 5010), 4992);
  assert.equal(clock({ rtpTimestamp: 0 }).capturedAt({ rtpTimestamp: 2 ** 32 - 90 }, 5010), 4989);
});

test("a clock that can be this machine's is taken for it", () => {
  assert.equal(clock({ theirs: ORIGIN + 3 }).capturedAt({ rtpTimestamp: 1000 }, 5010), 4993);
});

test("a reading of another machine's clock is assigned to the middle between asking and answering", () => {
  assert.equal(clock({ theirs: ORIGIN + 90_000 }).capturedAt({ rtpTimestamp: 1000 }, 5010), 4991);
  assert.equal(clock({ theirs: ORIGIN - 90_000 }).capturedAt({ rtpTimestamp: 1000 }, 5010), 4991);
});

test("a plausible captureTime of the browser is preferred", () => {
  assert.equal(clock().capturedAt({ captureTime: 4985, rtpTimestamp: 1000 }, 5010), 4985);
  assert.equal(clock().capturedAt({ captureTime: 9000, rtpTimestamp: 1000 }, 5010), 4990);
  assert.equal(new CaptureClock(() => ORIGIN).capturedAt({ captureTime: 4985 }, 5010), 4985);
});

test("the capture time is unknown before a reading, and without an RTP time stamp", () => {
  assert.equal(new CaptureClock(() => ORIGIN).capturedAt({ rtpTimestamp: 1000 }, 5000), null);
  assert.equal(clock().capturedAt({ rtpTimestamp: undefined }, 5000), null);
});

test("an implausible capture time is unknown", () => {
  assert.equal(clock().capturedAt({ rtpTimestamp: 1000 + 90 * 200 }, 5010), null);
  assert.equal(clock().capturedAt({ rtpTimestamp: 1000 - 90 * 20_000 }, 5010), null);
});

test("steps and latency are calculated from the known times of each frame", () => {
  const meter = new LatencyMeter();
  const unknown = { capturedAt: null, sentAt: null, receivedAt: null, decodeMs: null, readyAt: null };
  meter.add(100, unknown);
  const nothing = { p50: null, p95: null };
  assert.deepEqual(meter.spreads(100), { total: nothing, network: nothing, decode: nothing, display: nothing });
  for (let at = 101; at <= 120; at++) {
    meter.add(at, { capturedAt: at - 12, sentAt: at - 8, receivedAt: at - 7, decodeMs: 2, readyAt: at - 5 });
  }
  const all = (value) => ({ p50: value, p95: value });
  assert.deepEqual(meter.spreads(120), { total: all(12), network: all(1), decode: all(2), display: all(5) });
});

test("clocks that differ by a little do not make a step negative", () => {
  const meter = new LatencyMeter();
  meter.add(100, { capturedAt: 101, sentAt: 99.5, receivedAt: 99, decodeMs: 0, readyAt: 100 });
  assert.deepEqual([meter.spreads(100).total.p50, meter.spreads(100).network.p50], [0, 0]);
});
