import assert from "node:assert/strict";
import { test } from "node:test";

import { ceilingFor, linesOf } from "../../tauri-shell/src/app/plot.js";
import { Series } from "../../tauri-shell/player/src/series.js";

const SCALE = { now: 60_000, windowMs: 60_000, width: 120, height: 30, ceiling: 50 };

for (const [largest, ceiling] of [[0, 20], [19, 20], [20, 20], [21, 50], [51, 100], [100, 100], [101, 200], [1700, 2000]]) {
  test(`values up to ${largest} are drawn below ${ceiling}`, () => assert.equal(ceilingFor(largest, 20), ceiling));
}

test("the newest sample stands at the right edge, the oldest of the window at the left", () => {
  const [start, end] = [linesOf([{ at: 0, value: 0 }], SCALE), linesOf([{ at: 60_000, value: 0 }], SCALE)];
  assert.deepEqual([start[0][0].x, end[0][0].x], [0, 120]);
});

test("nothing stands at the bottom, the ceiling at the top, and what is beyond stays inside", () => {
  const ys = [0, 25, 50, 900, -3].map((value) => linesOf([{ at: 60_000, value }], SCALE)[0][0].y);
  assert.deepEqual(ys, [30, 15, 0, 0, 30]);
});

test("a silence is a gap, not a line across it", () => {
  const samples = [0, 1000, 2000, 9000, 10_000].map((at) => ({ at, value: 1 }));
  assert.deepEqual(linesOf(samples, SCALE).map((line) => line.length), [3, 2]);
});

test("a series drops the samples older than its window", () => {
  const series = new Series({ windowMs: 1000, limit: 100 });
  for (const at of [0, 500, 1200, 1400]) series.add(at, at);
  assert.deepEqual(series.samples.map(({ at }) => at), [500, 1200, 1400]);
});

test("a series never holds more than its limit", () => {
  const series = new Series({ windowMs: 1e9, limit: 10 });
  for (let at = 0; at < 1000; at++) series.add(at, 0);
  assert.deepEqual([series.samples.length, series.samples[0].at], [10, 990]);
});

test("the figure shown is the median of the recent samples", () => {
  const series = new Series({ windowMs: 10_000, limit: 100 });
  for (const [at, value] of [[0, 900], [1000, 12], [1100, 500], [1200, 13]]) series.add(at, value);
  assert.equal(series.medianAfter(999), 13);
  assert.equal(series.medianAfter(5000), null);
});
