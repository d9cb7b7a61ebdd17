import assert from "node:assert/strict";
import { test } from "node:test";

import { judgeViewer, QualityWatch, SteadyQuality, worseOf } from "../../tauri-shell/src/quality.js";

const [GOOD, FAIR, POOR] = ["good", "fair", "poor"].map((level) => ({ level, reason: null, hint: null }));
const NETWORK = { level: "poor", reason: "network", hint: "It is thin." };

for (const [dropRatio, level] of [[0, "good"], [0.04, "good"], [0.05, "fair"], [0.24, "fair"], [0.25, "poor"]]) {
  test(`a page that leaves out ${dropRatio} of the pictures is ${level}`, () => {
    const judged = judgeViewer({ fps: 30, bitrate: 1e6, dropRatio });
    assert.equal(judged.level, level);
    assert.equal(judged.reason, level === "good" ? null : "cpu");
  });
}

test("one reading is no evidence", () => assert.equal(judgeViewer({ fps: null, bitrate: null, dropRatio: null }), null));

for (const [bitrate, reason] of [[1e6, "cpu"], [0, "network"]]) {
  test(`a page that decodes nothing of ${bitrate} bits a second is poor`, () => {
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

test("while nothing is shown there is no word", () => assert.equal(worseOf(null, POOR), null));

test("worse is said after a second, better after three", () => {
  const steady = new SteadyQuality();
  const said = [[0, GOOD], [100, POOR], [1099, POOR], [1100, POOR], [1200, GOOD], [4199, GOOD], [4200, GOOD]].map(
    ([now, judged]) => steady.update(judged, now).level,
  );
  assert.deepEqual(said, ["good", "good", "good", "poor", "poor", "poor", "good"]);
});

test("a moment in between begins the wait anew", () => {
  const steady = new SteadyQuality();
  const said = [[0, POOR], [100, GOOD], [2000, POOR], [3200, GOOD], [6199, FAIR], [6200, GOOD]].map(
    ([now, judged]) => steady.update(judged, now).level,
  );
  assert.deepEqual(said, ["poor", "poor", "poor", "poor", "poor", "good"]);
});

/** A watch whose clock is the test's, and what it said. */
function watching(context, readings) {
  context.mock.timers.enable({ apis: ["setInterval"] });
  globalThis.document = { hidden: false };
  const said = [];
  const watch = new QualityWatch(
    async () => readings.shift() ?? Promise.reject(new Error("gone")),
    (quality) => said.push(quality?.level ?? null),
  );
  context.after(() => {
    watch.end();
    delete globalThis.document;
  });
  const look = async () => {
    context.mock.timers.tick(2000);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { said, look, watch };
}

/** Both ends after so many seconds, of which the page left out all pictures from some second on. */
function reading(seconds, { droppedFrom = Infinity, quality = GOOD } = {}) {
  const shown = 30 * Math.min(seconds, droppedFrom);
  const counters = { at: 1000 * seconds, bytes: seconds, packets: seconds, packetsLost: 0, decodeTime: 0, bufferTime: 0 };
  const frames = { framesDecoded: shown, framesBuffered: shown, framesDropped: 30 * seconds - shown, roundTripTime: null };
  return { counters: { ...counters, ...frames }, camera: null, connection: { quality } };
}

test("a word is said when it is another, whichever end it comes from", async (context) => {
  const readings = [reading(2), reading(4), reading(6, { quality: NETWORK }), reading(8)];
  const { said, look } = watching(context, readings);
  for (let count = 0; count < 4; count++) await look();
  assert.deepEqual(said, ["good", "poor", "good"]);
});

test("a page that stops to show is poor after two looks", async (context) => {
  const { said, look } = watching(context, [2, 4, 6, 8].map((seconds) => reading(seconds, { droppedFrom: 4 })));
  for (let count = 0; count < 4; count++) await look();
  assert.deepEqual(said, ["good", "poor"]);
});

test("a page that never decoded a picture is never good", async (context) => {
  const nothing = { framesDecoded: 0, framesDropped: 0, framesBuffered: 0 };
  const readings = [2, 4, 6].map((seconds) => reading(seconds)).map((each) => ({ ...each, counters: { ...each.counters, ...nothing } }));
  const { said, look } = watching(context, readings);
  for (let count = 0; count < 3; count++) await look();
  assert.deepEqual(said, ["poor"]);
});

test("a page that nobody sees may leave out what it likes", async (context) => {
  const { said, look } = watching(context, [2, 4, 6].map((seconds) => reading(seconds, { droppedFrom: 2 })));
  globalThis.document.hidden = true;
  for (let count = 0; count < 3; count++) await look();
  assert.deepEqual(said, ["good"]);
});

test("a sidecar that does not answer leaves no word, and nothing is said after the end", async (context) => {
  const { said, look, watch } = watching(context, [reading(2), reading(4)]);
  for (let count = 0; count < 3; count++) await look();
  assert.deepEqual(said, ["good", null]);
  watch.end();
  await look();
  assert.deepEqual(said, ["good", null]);
});
