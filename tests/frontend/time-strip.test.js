import assert from "node:assert/strict";
import { test } from "node:test";

import { decodeStamp, latencyOf } from "../../tauri-shell/player/src/time-strip.js";

/** The strip as pixels: one cell, one pixel. @param {number} stamp @param {{black?: number, white?: number}} [levels] */
function pixels(stamp, { black = 0, white = 255 } = {}) {
  return Array.from({ length: 32 }, (_, cell) => {
    const level = Math.floor(stamp / 2 ** cell) % 2 ? white : black;
    return [level, level, level, 255];
  }).flat();
}

for (const stamp of [0, 1, 2 ** 31, 2 ** 32 - 1, 0x5a5a1234]) {
  test(`the stamp ${stamp} is read back, least significant bit first`, () => {
    assert.equal(decodeStamp(pixels(stamp)), stamp);
  });
}

test("a strip that the encoder has greyed is still read", () => {
  assert.equal(decodeStamp(pixels(0x0f0f3355, { black: 60, white: 190 })), 0x0f0f3355);
});

test("the latency is right when the counter of the stamp wraps around", () => {
  const now = 7 * 2 ** 32 + 5; // milliseconds; the stamp was taken 25 ms earlier, before the wrap
  assert.equal(latencyOf(2 ** 32 - 20, now), 25);
  assert.equal(latencyOf(5, now), 0);
});

test("a stamp from the future or from long ago is none", () => {
  const now = 1_800_000_000_000;
  assert.equal(latencyOf((now + 50) % 2 ** 32, now), null);
  assert.equal(latencyOf((now - 60_000) % 2 ** 32, now), null);
});
