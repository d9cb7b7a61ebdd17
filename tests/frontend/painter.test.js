import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Painter } from "../../tauri-shell/player/src/painter.js";

/** The requested animation frames. @type {Map<number, () => void>} */
let requests;

beforeEach(() => {
  requests = new Map();
  let last = 0;
  globalThis.requestAnimationFrame = (callback) => {
    requests.set(++last, callback);
    return last;
  };
  globalThis.cancelAnimationFrame = (request) => requests.delete(request);
});

afterEach(() => {
  delete globalThis.requestAnimationFrame;
  delete globalThis.cancelAnimationFrame;
});

/** Compose the page: run the callbacks of all requested animation frames. */
function compose() {
  const [...callbacks] = requests.values();
  requests.clear();
  for (const callback of callbacks) callback();
}

/** A painter, the names of the pictures drawn, and the calls of its listener. */
function painting(captureTrack) {
  const drawn = [];
  const heard = [];
  const canvas = { width: 0, height: 0, getContext: () => ({ drawImage: ({ name }) => drawn.push(name) }) };
  const listener = { onSize: () => heard.push("size"), onDrawn: () => heard.push("drawn") };
  return { painter: new Painter(canvas, listener, captureTrack), canvas, drawn, heard };
}

function picture(name, width = 640, height = 480) {
  return { name, displayWidth: width, displayHeight: height, closed: 0, close() { this.closed++; } };
}

test("a picture is drawn at once when the one before was shown", () => {
  const { painter, drawn } = painting();
  painter.take(picture("first"));
  compose();
  painter.take(picture("second"));
  assert.deepEqual(drawn, ["first", "second"]);
  assert.equal(painter.framesSkipped, 0);
});

test("of the pictures that come before the page is composed, the newest is drawn then", () => {
  const { painter, drawn } = painting();
  for (const name of ["first", "second", "third", "fourth"]) painter.take(picture(name));
  assert.deepEqual(drawn, ["first"]);
  compose();
  assert.deepEqual(drawn, ["first", "fourth"]);
  assert.equal(painter.framesSkipped, 2);
  compose();
  compose();
  assert.deepEqual(drawn, ["first", "fourth"]);
});

test("every picture is closed once, drawn or not", () => {
  const { painter } = painting();
  const pictures = ["first", "second", "third"].map((name) => picture(name));
  for (const one of pictures) painter.take(one);
  painter.close();
  const late = picture("late");
  painter.take(late);
  assert.deepEqual([...pictures, late].map(({ closed }) => closed), [1, 1, 1, 1]);
});

test("nothing is drawn after the end", () => {
  const { painter, drawn } = painting();
  painter.take(picture("first"));
  painter.take(picture("second"));
  painter.close();
  compose();
  assert.deepEqual(drawn, ["first"]);
});

test("the canvas has the picture's size, which is told when it changes", () => {
  const { painter, canvas, heard } = painting();
  painter.take(picture("small"));
  compose();
  painter.take(picture("small too"));
  compose();
  painter.take({ name: "JPEG", width: 1280, height: 720, close() {} });
  assert.deepEqual([canvas.width, canvas.height], [1280, 720]);
  assert.deepEqual(heard, ["size", "drawn", "drawn", "size", "drawn"]);
});

test("a track that captures the canvas gets every picture, also while the page is not composed", () => {
  const captured = [];
  const { painter, drawn } = painting({ requestFrame: () => captured.push(drawn.at(-1)) });
  for (const name of ["first", "second", "third"]) painter.take(picture(name));
  assert.deepEqual(captured, ["first", "second", "third"]);
  assert.equal(painter.framesSkipped, 0);
  assert.equal(requests.size, 0);
});
