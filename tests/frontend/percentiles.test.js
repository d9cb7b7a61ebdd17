import assert from "node:assert/strict";
import { test } from "node:test";

import { Percentiles } from "../../tauri-shell/player/src/percentiles.js";

test("half the values are not above the 50th percentile, and 95 of 100 not above the 95th", () => {
  const percentiles = new Percentiles();
  for (let value = 100; value >= 1; value--) percentiles.add(0, value);
  assert.deepEqual(percentiles.spread(0), { p50: 50, p95: 95 });
});

test("one value is both percentiles, and without values there is none", () => {
  const percentiles = new Percentiles();
  percentiles.add(0, null);
  assert.deepEqual(percentiles.spread(0), { p50: null, p95: null });
  percentiles.add(0, 7);
  assert.deepEqual(percentiles.spread(0), { p50: 7, p95: 7 });
});

test("values older than the window do not count", () => {
  const percentiles = new Percentiles({ windowMs: 1000 });
  percentiles.add(0, 900);
  percentiles.add(600, 5);
  assert.equal(percentiles.spread(999).p95, 900);
  assert.equal(percentiles.spread(1000).p95, 5);
  assert.equal(percentiles.spread(1600).p95, null);
});

test("no more values are kept than the limit, the newest", () => {
  const percentiles = new Percentiles({ limit: 10 });
  for (let at = 0; at < 100; at++) percentiles.add(at, at);
  assert.deepEqual(percentiles.spread(100), { p50: 94, p95: 99 });
});
