import assert from "node:assert/strict";
import { test } from "node:test";

import { judgeViewer, QualityWatch, SteadyQuality, worseOf } from "../../tauri-shell/player/src/quality.js";

const [GOOD, FAIR, POOR] = ["good", "fair", "poor"].map((level) => ({ level, reason: null, hint: null }));
const NETWORK = { level: "poor", reason: "network", hint: "It is thin." };

for (const [dropRatio, level] of [[0, "good"], [0.04, "good"], [0.05, "fair"], [0.24, "fair"], [0.25, "poor"]]) {
  test(`a page that drops ${dropRatio} of the pictures is ${level}`, () => {
    const judged = judgeViewer({ fps: 30, bitrate: 1e6, dropRatio });
    assert.equal(judged.level, level);
    assert.equal(judged.reason, level === "good" ? null : "cpu");
  });
}

test("one reading is no evidence", () => assert.equal(judgeViewer({ fps: null, bitrate: null, dropRatio: null }), null));

for (const [bitrate, reason] of [[1e6, "cpu"], [0, "network"]]) {
  test(`a page that decodes no picture of ${bitrate} bits per second is poor`, () => {
    const judged = judgeViewer({ fps: 0, bitrate, dropRatio: null });
    assert.deepEqual([judged.level, judged.reason], ["poor", reason]);
  });
}

test("a page without evidence is not good, whatever the sidecar says", () => {
  assert.equal(worseOf(GOOD, null), null);
  assert.equal(worseOf(NETWORK, null), NETWORK);
});

test("the worse of both ends counts, of equals the sidecar's", () => {
  assert.equal(worseOf(GOOD, FAIR), FAIR);
  assert.equal(worseOf(NETWORK, FAIR), NETWORK);
  assert.equal(worseOf(NETWORK, POOR), NETWORK);
});

test("without a connection there is no quality", () => assert.equal(worseOf(null, POOR), null));

test("a worse level is shown after a second, a better one after three", () => {
  const steady = new SteadyQuality();
  const reported = [[0, GOOD], [100, POOR], [1099, POOR], [1100, POOR], [1200, GOOD], [4199, GOOD], [4200, GOOD]].map(
    ([now, judged]) => steady.update(judged, now).level,
  );
  assert.deepEqual(reported, ["good", "good", "good", "poor", "poor", "poor", "good"]);
});

test("a moment of the shown level restarts the wait", () => {
  const steady = new SteadyQuality();
  const reported = [[0, POOR], [100, GOOD], [2000, POOR], [3200, GOOD], [6199, FAIR], [6200, GOOD]].map(
    ([now, judged]) => steady.update(judged, now).level,
  );
  assert.deepEqual(reported, ["poor", "poor", "poor", "poor", "poor", "good"]);
});

/** A watch on the test's clock, and the levels that it reported. */
function watching(context, readings) {
  context.mock.timers.enable({ apis: ["setInterval"] });
  globalThis.document = { hidden: false };
  const reported = [];
  const watch = new QualityWatch(
    async () => readings.shift() ?? Promise.reject(new Error("gone")),
    (quality) => reported.push(quality?.level ?? null),
  );
  context.after(() => {
    watch.end();
    delete globalThis.document;
  });
  const judge = async () => {
    context.mock.timers.tick(2000);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { reported, judge, watch };
}

/** The figures of both ends after `seconds`; from `droppedFrom` on the page dropped all pictures. */
function reading(seconds, { droppedFrom = Infinity, quality = GOOD } = {}) {
  const shown = 30 * Math.min(seconds, droppedFrom);
  const counters = { at: 1000 * seconds, bytes: seconds, packets: seconds, packetsLost: 0, decodeTime: 0, bufferTime: 0 };
  const frames = { framesDecoded: shown, framesBuffered: shown, framesDropped: 30 * seconds - shown, roundTripTime: null };
  return { counters: { ...counters, ...frames }, camera: null, connection: { quality } };
}

test("the quality is reported when it changes, at either end", async (context) => {
  const readings = [reading(2), reading(4), reading(6, { quality: NETWORK }), reading(8)];
  const { reported, judge } = watching(context, readings);
  for (let count = 0; count < 4; count++) await judge();
  assert.deepEqual(reported, ["good", "poor", "good"]);
});

test("a page that stops showing pictures is poor after two readings", async (context) => {
  const { reported, judge } = watching(context, [2, 4, 6, 8].map((seconds) => reading(seconds, { droppedFrom: 4 })));
  for (let count = 0; count < 4; count++) await judge();
  assert.deepEqual(reported, ["good", "poor"]);
});

test("a page that never decoded a picture is never good", async (context) => {
  const nothing = { framesDecoded: 0, framesDropped: 0, framesBuffered: 0 };
  const readings = [2, 4, 6].map((seconds) => reading(seconds)).map((each) => ({ ...each, counters: { ...each.counters, ...nothing } }));
  const { reported, judge } = watching(context, readings);
  for (let count = 0; count < 3; count++) await judge();
  assert.deepEqual(reported, ["poor"]);
});

test("a hidden page may drop pictures", async (context) => {
  const { reported, judge } = watching(context, [2, 4, 6].map((seconds) => reading(seconds, { droppedFrom: 2 })));
  globalThis.document.hidden = true;
  for (let count = 0; count < 3; count++) await judge();
  assert.deepEqual(reported, ["good"]);
});

test("without an answer of the sidecar there is no quality, and none is reported after the end", async (context) => {
  const { reported, judge, watch } = watching(context, [reading(2), reading(4)]);
  for (let count = 0; count < 3; count++) await judge();
  assert.deepEqual(reported, ["good", null]);
  watch.end();
  await judge();
  assert.deepEqual(reported, ["good", null]);
});
