import assert from "node:assert/strict";
import { test } from "node:test";

import { openTauri } from "../../tauri-shell/player/src/carriers/tauri.js";
import { isUnreachable, RpcError } from "../../tauri-shell/player/src/rpc-error.js";

/** Tauri's global API, as far as the carrier uses it. */
function tauri(answer = async () => null) {
  const calls = [];
  class Channel {
    onmessage = () => {};
  }
  return { calls, core: { Channel, invoke: (command, args) => (calls.push([command, args]), answer(command)) } };
}

const refusal = (permission) => ({
  code: -32001,
  message: "This page may not call it.",
  data: { kind: "not_permitted", retryable: false, hint: `Add ${permission}` },
});

test("requests go to the shell's command as method and params", async () => {
  const shell = tauri(async () => ({ cameras: [] }));
  const result = await openTauri(shell).request("get_available_cameras", { a: 1 });
  assert.deepEqual(result, { cameras: [] });
  assert.deepEqual(shell.calls, [["sidecar_call", { method: "get_available_cameras", params: { a: 1 } }]]);
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

test("an error of Tauri's own means that the sidecar was not reached", async () => {
  const carrier = openTauri(tauri(() => Promise.reject("command sidecar_call not found")));
  await assert.rejects(carrier.request("ping", {}), (error) => isUnreachable(error) && /not found/.test(error.message));
});

test("notifications come over one channel and go to their handlers, until these unsubscribe", async () => {
  const shell = tauri();
  const carrier = openTauri(shell);
  const heard = [];
  const unlisten = carrier.listen("camera_state", (params) => heard.push(params));
  carrier.listen("connection_state", (params) => heard.push(params));
  assert.equal(shell.calls.length, 1);
  const [command, { channel }] = shell.calls[0];
  assert.equal(command, "sidecar_listen");
  channel.onmessage({ event: "camera_state", payload: { state: "streaming" } });
  channel.onmessage({ event: "ready", payload: {} });
  unlisten();
  channel.onmessage({ event: "camera_state", payload: { state: "lost" } });
  channel.onmessage({ event: "connection_state", payload: { state: "connected" } });
  assert.deepEqual(heard, [{ state: "streaming" }, { state: "connected" }]);
});

test("an exception in a handler keeps no event from the others", (context) => {
  context.mock.method(console, "error", () => {});
  const shell = tauri();
  const carrier = openTauri(shell);
  const heard = [];
  carrier.listen("ready", () => {
    throw new Error("its fault");
  });
  carrier.listen("ready", (params) => heard.push(params));
  shell.calls[0][1].channel.onmessage({ event: "ready", payload: 1 });
  assert.deepEqual(heard, [1]);
  assert.equal(console.error.mock.callCount(), 1);
});

test("the log comes over a channel of its own, for it needs a permission of its own", () => {
  const shell = tauri();
  const heard = [];
  openTauri(shell).listen("log", (params) => heard.push(params));
  assert.equal(shell.calls[0][0], "sidecar_log");
  shell.calls[0][1].channel.onmessage({ event: "log", payload: { message: "m" } });
  assert.deepEqual(heard, [{ message: "m" }]);
});

test("a request waits until the channel is open, so that the page misses no notification", async () => {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  const shell = tauri((command) => (command === "sidecar_listen" ? promise : Promise.resolve("answer")));
  const carrier = openTauri(shell);
  carrier.listen("ice_candidate", () => {});
  const answer = carrier.request("ping", {});
  await new Promise(setImmediate);
  assert.deepEqual(shell.calls.map(([command]) => command), ["sidecar_listen"]);
  resolve();
  assert.equal(await answer, "answer");
});

test("a page without the permission to listen gets the reason on the console, and its requests are answered", async (context) => {
  context.mock.method(console, "error", () => {});
  const refused = refusal("allow-camera-view");
  const shell = tauri((command) => (command === "sidecar_listen" ? Promise.reject(refused) : Promise.resolve(1)));
  const carrier = openTauri(shell);
  carrier.listen("ready", () => {});
  assert.equal(await carrier.request("ping", {}), 1);
  const [told] = console.error.mock.calls[0].arguments;
  assert.deepEqual([told.code, told.data.hint], [refused.code, refused.data.hint]);
});

test("a page without Tauri's API gets an error that names the missing setting", () => {
  assert.throws(() => openTauri(), /withGlobalTauri/);
});
