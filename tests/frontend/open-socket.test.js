import assert from "node:assert/strict";
import { test } from "node:test";

import { openSocket } from "../../tauri-shell/player/src/open-socket.js";

/** A WebSocket without a network: the test dispatches its events. */
class FakeSocket extends EventTarget {
  isClosed = false;

  close() {
    this.isClosed = true;
    this.dispatchEvent(new Event("close"));
  }
}

/** An opening WebSocket, and the names of the callbacks called. */
function opening() {
  const socket = new FakeSocket();
  const called = [];
  const promise = openSocket(socket, {
    onRefused: () => new Error("refused"),
    onClose: () => called.push("close"),
  });
  return { socket, called, promise };
}

test("the promise resolves when the WebSocket opens, and a later close is reported", async () => {
  const { socket, called, promise } = opening();
  socket.dispatchEvent(new Event("open"));
  await promise;
  assert.deepEqual(called, []);
  socket.dispatchEvent(new Event("close"));
  assert.deepEqual(called, ["close"]);
});

test("a WebSocket that closes before it opens rejects the promise, and reports no close", async () => {
  const { socket, called, promise } = opening();
  socket.dispatchEvent(new Event("close"));
  await assert.rejects(promise, /refused/);
  assert.deepEqual(called, []);
});

test("a WebSocket that does not open within 10 s is closed", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { socket, promise } = opening();
  context.mock.timers.tick(9999);
  assert.equal(socket.isClosed, false);
  context.mock.timers.tick(1);
  await assert.rejects(promise, /refused/);
  assert.equal(socket.isClosed, true);
});

test("an open WebSocket is not closed by the time limit", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { socket, promise } = opening();
  socket.dispatchEvent(new Event("open"));
  await promise;
  context.mock.timers.tick(60_000);
  assert.equal(socket.isClosed, false);
});
