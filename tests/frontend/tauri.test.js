import assert from "node:assert/strict";
import { test } from "node:test";

import { openTauri } from "../../tauri-shell/src/carriers/tauri.js";
import { isUnreachable, RpcError } from "../../tauri-shell/src/rpc-error.js";

/** Tauri's global API, as far as the carrier uses it. */
function tauri(answer = async () => null) {
  const calls = [];
  const listeners = new Map();
  return {
    calls,
    listeners,
    core: { invoke: (command, args) => (calls.push([command, args]), answer()) },
    event: {
      async listen(name, handler) {
        listeners.set(name, handler);
        return () => void listeners.delete(name);
      },
    },
  };
}

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

test("what Tauri says itself means that the sidecar was not reached", async () => {
  const carrier = openTauri(tauri(() => Promise.reject("command sidecar_call not found")));
  await assert.rejects(carrier.request("ping", {}), (error) => isUnreachable(error) && /not found/.test(error.message));
});

test("notifications come as Tauri's events, until nobody listens", async () => {
  const shell = tauri();
  const heard = [];
  const unlisten = openTauri(shell).listen("camera_state", (params) => heard.push(params));
  const deliver = shell.listeners.get("sidecar:camera_state");
  deliver({ payload: { state: "streaming" } });
  unlisten();
  deliver({ payload: { state: "lost" } });
  await Promise.resolve();
  assert.deepEqual(heard, [{ state: "streaming" }]);
  assert.equal(shell.listeners.size, 0);
});

test("a page without Tauri's API is told what is missing", () => {
  assert.throws(() => openTauri(), /withGlobalTauri/);
});
