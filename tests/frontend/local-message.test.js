import assert from "node:assert/strict";
import { test } from "node:test";

import { JPEG, parseLocalMessage } from "../../tauri-shell/src/local-message.js";

test("a message is taken apart, its times in milliseconds", () => {
  const data = new DataView(new ArrayBuffer(35));
  data.setUint8(0, JPEG);
  data.setUint8(1, 1);
  data.setUint32(4, 4294967295);
  data.setBigUint64(8, 123_456_789n);
  data.setBigUint64(16, 1_767_225_600_000_500n);
  data.setBigUint64(24, 1_767_225_600_002_000n);
  new Uint8Array(data.buffer).set([7, 8, 9], 32);
  const message = parseLocalMessage(data.buffer);
  assert.deepEqual([message.type, message.keyframe, message.sequence], [2, true, 4294967295]);
  assert.deepEqual([message.timestamp, message.capturedAt, message.sentAt], [123_456_789, 1_767_225_600_000.5, 1_767_225_600_002]);
  assert.deepEqual([...message.payload], [7, 8, 9]);
});

test("a message that is shorter than its header is an error", () => {
  assert.throws(() => parseLocalMessage(new ArrayBuffer(31)), RangeError);
});
