import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { openSocketCarrier } from "../../tauri-shell/player/src/carriers/websocket.js";
import { isUnreachable } from "../../tauri-shell/player/src/rpc-error.js";

/** A WebSocket without a network: the test dispatches its events. */
class FakeSocket extends EventTarget {
  /** @type {FakeSocket} */
  static newest;
  sent = [];

  constructor(url) {
    super();
    this.url = String(url);
    FakeSocket.newest = this;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.dispatchEvent(Object.assign(new Event("close"), { reason: "" }));
  }
}

const { WebSocket: native } = globalThis;
beforeEach(() => (globalThis.WebSocket = FakeSocket));
afterEach(() => (globalThis.WebSocket = native));

/** An open carrier and its socket. */
async function opened(options) {
  const opening = openSocketCarrier("ws://127.0.0.1/rpc", options);
  FakeSocket.newest.dispatchEvent(new Event("open"));
  return { carrier: await opening, socket: FakeSocket.newest };
}

test("a request goes out as JSON-RPC, and its answer and notifications come in", async () => {
  const { carrier, socket } = await opened();
  const answer = carrier.request("ping", {});
  assert.deepEqual(socket.sent, [{ jsonrpc: "2.0", id: 1, method: "ping", params: {} }]);
  const heard = [];
  carrier.listen("stats", (params) => heard.push(params));
  for (const message of [{ jsonrpc: "2.0", method: "stats", params: { n: 1 } }, { jsonrpc: "2.0", id: 1, result: "pong" }]) {
    socket.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(message) }));
  }
  assert.equal(await answer, "pong");
  assert.deepEqual(heard, [{ n: 1 }]);
});

for (const isHeard of [true, false]) {
  test(`a close ends all requests ${isHeard ? "and is reported" : "also without a handler"}`, async () => {
    const errors = [];
    const { carrier, socket } = await opened(isHeard ? { onGone: (error) => errors.push(error) } : undefined);
    const pending = carrier.request("ping", {});
    socket.close();
    await assert.rejects(pending, isUnreachable);
    await assert.rejects(carrier.request("ping", {}), isUnreachable);
    assert.deepEqual(errors.map(isUnreachable), isHeard ? [true] : []);
  });
}

test("a socket that does not open rejects with the server's reason", async () => {
  const opening = openSocketCarrier(new URL("ws://127.0.0.1/rpc"));
  FakeSocket.newest.dispatchEvent(Object.assign(new Event("close"), { reason: "There are 8 pages already." }));
  await assert.rejects(opening, /There are 8 pages already/);
});
