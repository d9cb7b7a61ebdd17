import assert from "node:assert/strict";
import { test } from "node:test";

import { countersOf, latencySteps, ratesBetween } from "../../tauri-shell/player/src/stats-reader.js";

const REPORT = [
  { type: "codec", id: "C" },
  { type: "transport", id: "T", selectedCandidatePairId: "P2" },
  { type: "candidate-pair", id: "P1", currentRoundTripTime: 0.5 },
  { type: "candidate-pair", id: "P2", currentRoundTripTime: 0.002 },
  {
    type: "inbound-rtp", kind: "video", timestamp: 1000, bytesReceived: 1_000_000, packetsReceived: 900, packetsLost: 10,
    framesDecoded: 300, framesDropped: 2, totalDecodeTime: 0.6, jitterBufferEmittedCount: 300, jitterBufferDelay: 1.5,
  },
];

/** @param {Record<string, number>} changes */
function later(changes) {
  return REPORT.map((entry) => (entry.type === "inbound-rtp" ? { ...entry, ...changes } : entry));
}

test("figures are those of the time between two readings", () => {
  const changes = {
    timestamp: 3000, bytesReceived: 1_500_000, packetsReceived: 990, packetsLost: 20,
    framesDecoded: 360, framesDropped: 3, totalDecodeTime: 0.72, jitterBufferEmittedCount: 360, jitterBufferDelay: 1.98,
  };
  const rates = ratesBetween(countersOf(REPORT), countersOf(later(changes)));
  assert.equal(rates.fps, 30);
  assert.equal(rates.bitrate, 2_000_000);
  assert.equal(rates.lossRatio, 0.1);
  assert.equal(Math.round(rates.decodeMs * 1000), 2000);
  assert.equal(Math.round(rates.bufferMs * 1000), 8000);
  assert.equal(rates.roundTripMs, 2);
  assert.equal(rates.framesDropped, 1);
});

test("the first reading has only the round trip", () => {
  const rates = ratesBetween(undefined, countersOf(REPORT));
  assert.deepEqual([rates.fps, rates.bitrate, rates.lossRatio, rates.roundTripMs], [null, null, null, 2]);
});

test("a picture that stands still is 0 fps, and its time in decoder and buffer is unknown", () => {
  const rates = ratesBetween(countersOf(REPORT), countersOf(later({ timestamp: 2000 })));
  assert.deepEqual([rates.fps, rates.bitrate, rates.lossRatio], [0, 0, null]);
  assert.deepEqual([rates.decodeMs, rates.bufferMs], [null, null]);
});

test("packets that arrive late after all are not a negative loss", () => {
  const rates = ratesBetween(countersOf(REPORT), countersOf(later({ timestamp: 2000, packetsReceived: 910, packetsLost: 5 })));
  assert.equal(rates.lossRatio, 0);
});

test("before the first video all figures are unknown", () => {
  const rates = ratesBetween(countersOf([]), countersOf([]));
  assert.equal(rates.fps, null);
  assert.equal(rates.roundTripMs, null);
});

test("the steps have the figures of both ends, in the order of a frame's path", () => {
  const known = (ms) => ({ p50: ms, p95: 2 * ms });
  const camera = { capture_to_encoder_ms: known(1), encoding_ms: known(2) };
  const viewer = { network: known(4), buffer: known(5), decode: known(6), display: known(7) };
  const steps = latencySteps(camera, { encoded_to_sent_ms: known(3) }, viewer);
  assert.deepEqual(steps.map(({ p50 }) => p50), [1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(steps.map(({ p95 }) => p95), [2, 4, 6, 8, 10, 12, 14]);
  const reduced = { capture_to_encoder_ms: known(8), encoding_ms: known(9) };
  const narrow = { encoded_to_sent_ms: known(3), encoding: "reduced" };
  assert.deepEqual(latencySteps({ ...camera, reduced }, narrow, viewer).map(({ p50 }) => p50), [8, 9, 3, 4, 5, 6, 7]);
  assert.deepEqual(latencySteps(null, null, viewer)[0], { label: "Captured to the encoder", p50: null, p95: null });
});
