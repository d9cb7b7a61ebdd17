import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { ACCESS_UNIT, DESCRIPTION, JPEG, parseLocalMessage } from "../../tauri-shell/player/src/local-message.js";

const DOCUMENT = readFileSync(new URL("../../docs/local-stream.md", import.meta.url), "utf8");

/** The fenced blocks of docs/local-stream.md in a language, by their names. @param {string} language */
function blocks(language) {
  const found = DOCUMENT.matchAll(new RegExp(`^\`\`\`${language} ([a-z-]+)\\n(.*?)^\`\`\`$`, "gms"));
  return new Map([...found].map(([, name, text]) => [name, text]));
}

/** The bytes of a block; two spaces end the bytes of a line, then a comment follows. @param {string} text */
function bytesOf(text) {
  const lines = text.trimEnd().split("\n").map((line) => line.split("  ")[0].replaceAll(" ", ""));
  return Uint8Array.from(Buffer.from(lines.join(""), "hex"));
}

const values = blocks("json");

for (const [name, text] of blocks("hex")) {
  test(`the example ${name} of docs/local-stream.md is parsed into its values`, () => {
    const expected = JSON.parse(values.get(name));
    const { receivedAt, payload, ...message } = parseLocalMessage(bytesOf(text).buffer);
    assert.deepEqual(message, {
      type: expected.type,
      keyframe: expected.flags === 1,
      sequence: expected.sequence,
      timestamp: expected.timestamp,
      capturedAt: expected.captured / 1000,
      sentAt: expected.sent / 1000,
    });
    assert.equal(Buffer.from(payload).toString("hex"), expected.payload);
    assert.ok(receivedAt <= performance.now());
  });
}

test("docs/local-stream.md has an example of each type of message", () => {
  const types = [...blocks("hex").keys()].map((name) => JSON.parse(values.get(name)).type);
  assert.deepEqual(new Set(types), new Set([ACCESS_UNIT, JPEG, DESCRIPTION]));
});

test("a message that is shorter than its header is an error", () => {
  assert.throws(() => parseLocalMessage(new ArrayBuffer(31)), RangeError);
});
