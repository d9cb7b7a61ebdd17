import assert from "node:assert/strict";
import { test } from "node:test";

import { invoke, listen, useCarrier } from "../../tauri-shell/player/src/invoke.js";

const SESSION = {
  sdp_type: "offer",
  sdp: "v=0\r\n",
  connection_id: "c-1",
  session_id: "s-1",
  device_id: "test:pattern",
};

/** @param {unknown} result */
function carrierThatAnswers(result) {
  const calls = [];
  useCarrier({
    request: async (method, params) => {
      calls.push([method, params]);
      return structuredClone(result);
    },
    listen: (event) => () => calls.push(["unlisten", event]),
  });
  return calls;
}

test("in a Tauri app the app is the carrier; elsewhere the error names the missing call", async () => {
  await assert.rejects(invoke("ping"), /useCarrier/);
  globalThis.__TAURI_INTERNALS__ = { invoke: async (command, args) => [command, args] };
  assert.deepEqual(await invoke("ping"), ["plugin:camera-sidecar|ping", {}]);
  delete globalThis.__TAURI_INTERNALS__;
});

test("method and parameters go to the carrier as they are", async () => {
  const calls = carrierThatAnswers({});
  await invoke("close_connection", { connectionId: "c-1" });
  await invoke("get_available_cameras");
  assert.deepEqual(calls, [["close_connection", { connectionId: "c-1" }], ["get_available_cameras", {}]]);
});

test("a session can be taken apart by name", async () => {
  carrierThatAnswers(SESSION);
  const response = await invoke("start_camera_webrtc_session", { deviceId: "test:pattern" });
  const { sdp_type, sdp, connection_id } = response;
  assert.deepEqual([sdp_type, sdp, connection_id], ["offer", "v=0\r\n", "c-1"]);
});

test("a session can be taken apart by position, and its first part is a session description", async () => {
  carrierThatAnswers(SESSION);
  const [sdpData, connId] = await invoke("start_camera_webrtc_session", { deviceId: "test:pattern" });
  assert.deepEqual(sdpData, { type: "offer", sdp_type: "offer", sdp: "v=0\r\n" });
  assert.equal(connId, "c-1");
});

test("taking it apart by position adds nothing that serialises or is listed", async () => {
  carrierThatAnswers(SESSION);
  const response = await invoke("start_camera_webrtc_session", { deviceId: "test:pattern" });
  assert.deepEqual(JSON.parse(JSON.stringify(response)), SESSION);
  assert.deepEqual(Reflect.ownKeys({ ...response }), Reflect.ownKeys(SESSION));
});

test("results without a description stay as they are", async () => {
  carrierThatAnswers({ cameras: [] });
  assert.ok(!(Symbol.iterator in (await invoke("get_available_cameras"))));
});

test("listen returns what ends the listening", () => {
  const calls = carrierThatAnswers({});
  listen("cameras_changed", () => {})();
  assert.deepEqual(calls, [["unlisten", "cameras_changed"]]);
});
