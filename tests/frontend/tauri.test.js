import assert from "node:assert/strict";
import { test } from "node:test";

import { openTauri } from "../../tauri-shell/player/src/carriers/tauri.js";
import { isUnreachable, RpcError } from "../../tauri-shell/player/src/rpc-error.js";

const PLUGIN = "plugin:camera-sidecar|";

/** The functions that Tauri puts into a page, as far as the carrier uses them. */
function tauri(answer = async () => null) {
  const calls = [];
  const callbacks = [];
  return {
    calls,
    invoke: (command, args) => (calls.push([command, args]), answer(command)),
    transformCallback: (callback) => callbacks.push(callback) - 1,
    /** Sends an event over the channel of a call, as its message with this number. */
    send: (call, event, payload, index) =>
      callbacks[calls[call][1].channel.replace("__CHANNEL__:", "")]({ index, message: { event, payload } }),
    end: (call, index) => callbacks[calls[call][1].channel.replace("__CHANNEL__:", "")]({ index, end: true }),
  };
}

test("a request is the command of its method, with the parameters as arguments", async () => {
  const app = tauri(async () => ({ cameras: [] }));
  const result = await openTauri(app).request("get_available_cameras", { a: 1 });
  assert.deepEqual(result, { cameras: [] });
  await openTauri(app).request("rpc.discover", {});
  assert.deepEqual(app.calls, [
    [`${PLUGIN}get_available_cameras`, { a: 1 }],
    [`${PLUGIN}rpc_discover`, {}],
  ]);
});

test("the sidecar's error keeps its code, kind and hint", async () => {
  const error = { code: 1002, message: "busy", data: { kind: "camera_busy", retryable: true, hint: "Close it." } };
  const carrier = openTauri(tauri(() => Promise.reject(error)));
  await assert.rejects(carrier.request("start_streaming", {}), (thrown) => {
    assert.ok(thrown instanceof RpcError);
    assert.deepEqual([thrown.code, thrown.message, thrown.data.hint], [1002, "busy", "Close it."]);
    return true;
  });
});

test("a refusal of Tauri's is an error that names the missing permission", async () => {
  for (const text of [
    "camera-sidecar.set_encoding not allowed. Permissions associated with this command: camera-sidecar:encoding",
    "Command plugin:camera-sidecar|set_encoding not allowed by ACL",
  ]) {
    const carrier = openTauri(tauri(() => Promise.reject(text)));
    await assert.rejects(carrier.request("set_encoding", {}), ({ code, data }) => {
      assert.deepEqual([code, data.kind], [-32001, "not_permitted"]);
      assert.match(data.hint, /"camera-sidecar:allow-set-encoding".*"camera-sidecar:default"/);
      return true;
    });
  }
});

test("a method that is no command is unknown", async () => {
  const carrier = openTauri(tauri(() => Promise.reject("camera-sidecar.shutdown not allowed. Command not found")));
  await assert.rejects(carrier.request("shutdown", {}), ({ code, data }) => code === -32601 && data.kind === "method_not_found");
});

test("an app without the plugin means that the sidecar was not reached", async () => {
  for (const text of ["plugin camera-sidecar not found", "camera-sidecar.ping not allowed. Plugin not found"]) {
    const carrier = openTauri(tauri(() => Promise.reject(text)));
    await assert.rejects(carrier.request("ping", {}), (error) => isUnreachable(error) && /init\(\)/.test(error.data.hint));
  }
});

test("notifications come over one channel and go to their handlers, until these unsubscribe", async () => {
  const app = tauri();
  const carrier = openTauri(app);
  const heard = [];
  const unlisten = carrier.listen("camera_state", (params) => heard.push(params));
  carrier.listen("connection_state", (params) => heard.push(params));
  assert.deepEqual(app.calls.map(([command]) => command), [`${PLUGIN}listen`]);
  app.send(0, "camera_state", { state: "streaming" }, 0);
  app.send(0, "ready", {}, 1);
  unlisten();
  app.send(0, "camera_state", { state: "lost" }, 2);
  app.send(0, "connection_state", { state: "connected" }, 3);
  app.end(0, 4);
  assert.deepEqual(heard, [{ state: "streaming" }, { state: "connected" }]);
});

test("notifications that overtake others are delivered in their order", () => {
  const app = tauri();
  const heard = [];
  openTauri(app).listen("stats", (params) => heard.push(params));
  for (const index of [2, 0, 3, 1]) app.send(0, "stats", index, index);
  assert.deepEqual(heard, [0, 1, 2, 3]);
});

test("an exception in a handler keeps no event from the others", (context) => {
  context.mock.method(console, "error", () => {});
  const app = tauri();
  const carrier = openTauri(app);
  const heard = [];
  carrier.listen("ready", () => {
    throw new Error("its fault");
  });
  carrier.listen("ready", (params) => heard.push(params));
  app.send(0, "ready", 1, 0);
  assert.deepEqual(heard, [1]);
  assert.equal(console.error.mock.callCount(), 1);
});

test("the log comes over a channel of its own, for it needs a permission of its own", () => {
  const app = tauri();
  const heard = [];
  openTauri(app).listen("log", (params) => heard.push(params));
  assert.equal(app.calls[0][0], `${PLUGIN}log`);
  app.send(0, "log", { message: "m" }, 0);
  assert.deepEqual(heard, [{ message: "m" }]);
});

test("a request waits until the channel is open, so that the page misses no notification", async () => {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  const app = tauri((command) => (command === `${PLUGIN}listen` ? promise : Promise.resolve("answer")));
  const carrier = openTauri(app);
  carrier.listen("ice_candidate", () => {});
  const answer = carrier.request("ping", {});
  await new Promise(setImmediate);
  assert.deepEqual(app.calls.map(([command]) => command), [`${PLUGIN}listen`]);
  resolve();
  assert.equal(await answer, "answer");
});

test("a page without the permission to listen gets the reason on the console, and its requests are answered", async (context) => {
  context.mock.method(console, "error", () => {});
  const refusal = "Command plugin:camera-sidecar|listen not allowed by ACL";
  const app = tauri((command) => (command === `${PLUGIN}listen` ? Promise.reject(refusal) : Promise.resolve(1)));
  const carrier = openTauri(app);
  carrier.listen("ready", () => {});
  assert.equal(await carrier.request("ping", {}), 1);
  const [told] = console.error.mock.calls[0].arguments;
  assert.equal(told.code, -32001);
  assert.match(told.data.hint, /camera-sidecar:allow-listen/);
});

test("a page outside of a Tauri app gets an error that names the missing call", () => {
  assert.throws(() => openTauri(), /useCarrier/);
});
