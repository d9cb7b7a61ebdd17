/** A camera in an element of the page, whose sidecar is restarted or whose start is aborted. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";

import { LiveCamera } from "../../tauri-shell/player/src/live-camera.js";
import { openWebview, SILENT } from "./webview.js";

/** A <video>, and the callbacks that it calls with its next frame. */
class Video {
  requests = new Map();
  #last = 0;

  requestVideoFrameCallback(callback) {
    this.requests.set(++this.#last, callback);
    return this.#last;
  }

  cancelVideoFrameCallback(request) {
    this.requests.delete(request);
  }

  showFrame() {
    const [...callbacks] = this.requests.values();
    this.requests.clear();
    for (const callback of callbacks) callback(0, { presentationTime: 0 });
  }
}

class Peer extends EventTarget {
  connectionState = "new";
  currentRemoteDescription = null;
  localDescription = { sdp: "" };

  async setRemoteDescription(description) {
    this.currentRemoteDescription = description;
  }

  async setLocalDescription() {}

  close() {}
}

/** A camera over WebRTC, and its carrier. */
function starting(context) {
  context.after(() => camera.close());
  const carrier = openWebview(context);
  context.mock.timers.enable({ apis: ["setTimeout"] });
  for (const [name, value] of Object.entries({ HTMLVideoElement: Video, RTCPeerConnection: Peer })) {
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
  context.after(() => delete globalThis.RTCPeerConnection);
  Object.assign(carrier.answer, {
    start_camera_webrtc_session: (params) => ({ ...carrier.answer.start_camera_local_session(params), sdp: "" }),
    set_remote_description: () => ({}),
  });
  const video = new Video();
  const camera = new LiveCamera(video, { deviceId: "camera-0" }, { onStatus() {}, onSize() {} });
  return { ...carrier, video, camera };
}

/** Restart the sidecar; resolves when the next session is connected and has a picture. */
async function restart(context, { emit, video }) {
  emit("sidecar_state", { state: "restarting" });
  context.mock.timers.tick(0);
  await setImmediate();
  video.onloadeddata();
}

test("a handler of frames gets each frame once, also after the sidecar was restarted", async (context) => {
  const opened = starting(context);
  const { video, camera } = opened;
  let frames = 0;
  const end = camera.onFrame(() => frames++);
  await camera.start();
  await restart(context, opened);
  video.showFrame();
  video.showFrame();
  assert.equal(frames, 2);
  end();
  assert.equal(video.requests.size, 0);
});

test("a start that is complete when the sidecar restarts leaves no time limit behind", async (context) => {
  const opened = starting(context);
  const { camera, answer, emit } = opened;
  let resolve;
  const answered = new Promise((done) => (resolve = done));
  answer.set_remote_description = () => answered;
  const started = camera.start();
  await setImmediate();
  emit("sidecar_state", { state: "restarting" });
  resolve({});
  await started;
  await restart(context, opened);
  context.mock.timers.tick(60_000);
  assert.equal(camera.status.state, "live");
});

test("a start that was aborted rejects with the signal's reason, whatever the abort broke", async (context) => {
  const use = new AbortController();
  const reason = new Error("The page has another camera now.");
  const { answer } = openWebview(context);
  const options = { deviceId: "camera-0", signal: use.signal };
  const camera = new LiveCamera(document.createElement("canvas"), options, { onStatus() {}, onSize() {} });
  use.signal.addEventListener("abort", () => void camera.close());
  const start = answer.start_camera_local_session;
  answer.start_camera_local_session = (params) => ({ ...start(params), url: SILENT });
  const started = assert.rejects(camera.start(), reason);
  await setImmediate();
  use.abort(reason);
  await started;
});

test("the picture stands still on its canvas until the session after a restart shows a new one", async (context) => {
  context.after(() => camera.close());
  const { answer, calls, emit } = openWebview(context);
  const canvas = document.createElement("canvas");
  const camera = new LiveCamera(canvas, { deviceId: "camera-0" }, { onStatus() {}, onSize() {} });
  await camera.start();
  while (camera.status.state !== "live") await setImmediate();
  const start = answer.start_camera_local_session;
  answer.start_camera_local_session = (params) => ({ ...start(params), url: SILENT });
  emit("sidecar_state", { state: "restarting" });
  while (calls.filter((method) => method === "start_camera_local_session").length < 2) await setImmediate();
  await setImmediate();
  assert.equal(canvas.isBlank, false);
});
