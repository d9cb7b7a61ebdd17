import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { H264Decoder } from "../../tauri-shell/player/src/h264-decoder.js";
import { JpegDecoder } from "../../tauri-shell/player/src/jpeg-decoder.js";

const DESCRIPTION = { codec: "avc1.42c01f", description: "AUI=" };

/** The VideoDecoders that were constructed. */
let made = [];

class FakeVideoDecoder {
  state = "unconfigured";
  decodeQueueSize = 0;
  chunks = [];

  constructor({ output, error }) {
    Object.assign(this, { output, error });
    made.push(this);
  }

  configure(config) {
    this.config = config;
    this.state = "configured";
  }

  decode(chunk) {
    this.chunks.push(chunk);
  }

  close() {
    this.state = "closed";
  }
}

beforeEach(() => {
  made = [];
  globalThis.VideoDecoder = FakeVideoDecoder;
  globalThis.EncodedVideoChunk = class {
    constructor(init) {
      Object.assign(this, init);
    }
  };
});

afterEach(() => {
  delete globalThis.VideoDecoder;
  delete globalThis.EncodedVideoChunk;
  delete globalThis.createImageBitmap;
});

/** A decoder and the calls of its listener. */
function decoding(context) {
  const heard = [];
  const decoder = new H264Decoder(DESCRIPTION, {
    onFrame: ({ timestamp }) => heard.push(timestamp),
    onKeyframeNeeded: () => heard.push("keyframe"),
    onBroken: () => heard.push("broken"),
  });
  context.after(() => decoder.close());
  const push = (timestamp, keyframe = false) => decoder.decode({ timestamp, keyframe, payload: new Uint8Array(1) });
  return { decoder, heard, push };
}

test("H.264 is decoded from the first keyframe on, with its description", (context) => {
  const { decoder, heard, push } = decoding(context);
  push(1);
  push(2, true);
  push(3);
  assert.deepEqual(made[0].chunks.map(({ type, timestamp }) => [type, timestamp]), [["key", 2], ["delta", 3]]);
  assert.deepEqual([...made[0].config.description], [1, 0x42]);
  assert.equal(made[0].config.optimizeForLatency, true);
  made[0].output({ timestamp: 2 });
  assert.deepEqual(heard, [2]);
  assert.deepEqual([decoder.framesDecoded, decoder.framesDropped], [1, 1]);
});

test("a picture has the times of its message, on the page's clock", (context) => {
  const found = [];
  const listener = { onFrame: (_, times) => found.push(times), onKeyframeNeeded() {}, onBroken() {} };
  const decoder = new H264Decoder(DESCRIPTION, listener);
  context.after(() => decoder.close());
  const wall = Date.now();
  const receivedAt = performance.now();
  const moments = { capturedAt: wall - 9, sentAt: wall - 4, receivedAt };
  decoder.decode({ timestamp: 1, keyframe: true, payload: new Uint8Array(1), ...moments });
  made[0].output({ timestamp: 1 });
  const [{ capturedAt, sentAt, decodeMs, readyAt, ...rest }] = found;
  assert.deepEqual(rest, { receivedAt });
  assert.equal(Math.round(sentAt - capturedAt), 5);
  assert.ok(Math.abs(receivedAt - sentAt - 4) <= 2, "the wall clock is read in whole milliseconds");
  assert.ok(decodeMs >= 0 && decodeMs <= readyAt - receivedAt);
});

test("a picture whose timestamp the decoder changed is shown, its times unknown", (context) => {
  const { decoder, heard, push } = decoding(context);
  push(5, true);
  made[0].output({ timestamp: 4 });
  assert.deepEqual([heard, decoder.decodeTime], [[4], 0]);
});

test("a decoder that does not keep up starts again at the next keyframe, which is requested once", (context) => {
  const { decoder, heard, push } = decoding(context);
  push(1, true);
  push(2);
  made[0].decodeQueueSize = 100;
  push(3);
  push(4);
  assert.deepEqual(heard, ["keyframe"]);
  assert.equal(made[0].state, "closed");
  push(5, true);
  assert.deepEqual(made[1].chunks.map(({ timestamp }) => timestamp), [5]);
  made[0].output({ timestamp: 2, close: () => heard.push("closed") });
  assert.deepEqual(heard, ["keyframe", "closed"], "late output of an old decoder is not shown");
  assert.equal(decoder.framesDropped, 4);
});

test("an error before any picture means that H.264 does not work here", (context) => {
  const { heard, push } = decoding(context);
  push(1, true);
  made[0].error(new Error("no"));
  push(2, true);
  assert.deepEqual(heard, ["broken"]);
});

test("a later error drops the pictures up to a keyframe, several in a row mean that H.264 does not work here", (context) => {
  const { heard, push } = decoding(context);
  push(1, true);
  made[0].output({ timestamp: 1 });
  for (let number = 0; number < 2; number++) {
    push(2 + number, true);
    made.at(-1).error(new Error("lost"));
  }
  assert.deepEqual(heard, [1, "keyframe", "keyframe"]);
  push(9, true);
  made.at(-1).error(new Error("lost"));
  assert.deepEqual(heard, [1, "keyframe", "keyframe", "broken"]);
});

test("a decoder that gives no picture within seconds does not work", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { heard, push } = decoding(context);
  push(1, true);
  context.mock.timers.tick(2999);
  assert.deepEqual(heard, []);
  context.mock.timers.tick(1);
  assert.deepEqual(heard, ["broken"]);
});

test("a new description applies to the pictures after it", (context) => {
  const { decoder, push } = decoding(context);
  push(1, true);
  decoder.describe({ codec: "avc1.42c028", description: "AQ==" });
  push(2);
  push(3, true);
  assert.equal(made[0].state, "closed");
  assert.equal(made[1].config.codec, "avc1.42c028");
  assert.deepEqual(made[1].chunks.map(({ timestamp }) => timestamp), [3]);
});

/** A JPEG decoder; the promises of createImageBitmap settle when the test settles them. */
function jpeg() {
  const heard = [];
  const waiting = [];
  globalThis.createImageBitmap = () => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  const decoder = new JpegDecoder({ onFrame: (picture) => heard.push(picture), onBroken: () => heard.push("broken") });
  const push = () => decoder.decode({ payload: new Uint8Array(1) });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { decoder, heard, waiting, push, settled };
}

test("of the JPEG pictures that arrive during a decoding, the newest is decoded next", async () => {
  const { decoder, heard, waiting, push, settled } = jpeg();
  for (let number = 0; number < 4; number++) push();
  assert.equal(waiting.length, 1);
  waiting[0].resolve("first");
  await settled();
  assert.equal(waiting.length, 2);
  waiting[1].resolve("newest");
  await settled();
  assert.deepEqual(heard, ["first", "newest"]);
  assert.deepEqual([decoder.framesDecoded, decoder.framesDropped], [2, 2]);
});

test("a JPEG picture that cannot be decoded is dropped, ten in a row break the decoder", async () => {
  const { heard, waiting, push, settled } = jpeg();
  for (let number = 0; number < 10; number++) {
    assert.deepEqual(heard, []);
    push();
    waiting[number].reject(new Error("no JPEG"));
    await settled();
  }
  assert.deepEqual(heard, ["broken"]);
});

test("a picture that is decoded after close is dropped", async () => {
  const { decoder, heard, waiting, push, settled } = jpeg();
  push();
  decoder.close();
  let closed = false;
  waiting[0].resolve({ close: () => (closed = true) });
  await settled();
  assert.deepEqual([heard, closed], [[], true]);
});
