/** Tracks of one camera whose calls overlap (W3C Media Capture and Streams). */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";

import { mediaDevices } from "../../tauri-shell/player/src/media-devices/index.js";
import { queryCameraPermission } from "../../tauri-shell/player/src/media-devices/camera-permission.js";
import { RpcError } from "../../tauri-shell/player/src/rpc-error.js";
import { openWebview, REFUSED } from "./webview.js";

const exact = (width) => ({ width: { exact: width } });
const open = async (video) => (await mediaDevices.getUserMedia({ video })).getVideoTracks()[0];
const outcome = (promise) => promise.then(() => "done", (error) => error.name);

test("constraints may be objects of a framework, which answers for their members", async (context) => {
  openWebview(context);
  const member = (target, name) => (typeof target[name] === "object" ? reactive(target[name]) : target[name]);
  const reactive = (object) => new Proxy(object, { get: member });
  const track = await open(reactive({ width: { ideal: 640 }, advanced: [{ height: 480 }] }));
  assert.deepEqual(track.getConstraints(), { width: { ideal: 640 }, advanced: [{ height: 480 }] });
  await track.applyConstraints(reactive({ width: { ideal: 1280 } }));
  assert.deepEqual([track.getSettings().width, track.getConstraints()], [1280, { width: { ideal: 1280 } }]);
  track.stop();
});

test("constraints are those of the moment of the call", async (context) => {
  openWebview(context);
  const given = exact(1280);
  const opening = open(given);
  given.width = "wide";
  const track = await opening;
  assert.deepEqual(track.getConstraints(), exact(1280));
  track.stop();
});

test("of two tracks that are opened at once, the second does not break what the first requires", async (context) => {
  openWebview(context);
  const first = await open({ width: 640 });
  const [second, third] = [open(exact(1280)), open(exact(1920))];
  assert.equal(await outcome(third), "OverconstrainedError");
  assert.equal((await second).getSettings().width, 1280);
  for (const track of [first, await second]) track.stop();
});

test("of two tracks that are constrained at once, the second does not break what the first requires", async (context) => {
  openWebview(context);
  const first = await open({ width: 640 });
  const second = first.clone();
  const outcomes = [first.applyConstraints(exact(1280)), second.applyConstraints(exact(1920))].map(outcome);
  assert.deepEqual(await Promise.all(outcomes), ["done", "OverconstrainedError"]);
  assert.equal(first.getSettings().width, 1280);
  for (const track of [first, second]) track.stop();
});

test("a new format has what another track requires, also where the camera does not list it", async (context) => {
  openWebview(context);
  const slow = await open({ frameRate: { exact: 12.5 } });
  const wide = await open(exact(1280));
  assert.deepEqual([wide.getSettings().width, wide.getSettings().frameRate], [1280, 12.5]);
  for (const track of [slow, wide]) track.stop();
});

test("a track that was stopped meanwhile does not change the format of the others", async (context) => {
  const { calls } = openWebview(context);
  const first = await open({ width: 640 });
  const second = first.clone();
  const applied = outcome(first.applyConstraints(exact(1280)));
  first.stop();
  assert.equal(await applied, "InvalidStateError");
  assert.equal(second.getSettings().width, 640);
  assert.equal(calls.includes("set_format"), false);
  second.stop();
});

test("the clone of a stopped track is one of the same camera, and has ended", async (context) => {
  openWebview(context);
  const track = await open(exact(1280));
  track.stop();
  const clone = track.clone();
  assert.deepEqual([clone.readyState, clone.label, clone.getSettings().width], ["ended", "A camera", 1280]);
  assert.deepEqual(clone.getConstraints(), exact(1280));
  assert.equal(await outcome(clone.applyConstraints({})), "InvalidStateError");
});

test("getUserMedia rejects when the page is hidden before the first picture", async (context) => {
  const { hidePage, answer, calls, listeners } = openWebview(context);
  await mediaDevices.enumerateDevices();
  const before = listeners();
  const start = answer.start_camera_local_session;
  answer.start_camera_local_session = async (params) => {
    await setImmediate();
    hidePage();
    return start(params);
  };
  assert.equal(await outcome(open(true)), "AbortError");
  await setImmediate();
  assert.equal(calls.at(-1), "close_connection");
  assert.equal(listeners(), before);
});

test("a camera that fails while it is opened is a NotReadableError with the camera's reason", async (context) => {
  const { answer, emit } = openWebview(context);
  const start = answer.start_camera_local_session;
  answer.start_camera_local_session = (params) => {
    const session = { ...start(params), url: REFUSED };
    emit("camera_state", { session_id: session.session_id, state: "failed", reason: "It was unplugged.", hint: "Plug it in." });
    return session;
  };
  await assert.rejects(open(true), { name: "NotReadableError", message: "It was unplugged. Plug it in." });
});

test("a source that the command line does not allow says nothing of the permission", async (context) => {
  const { answer } = openWebview(context);
  navigator.userAgent = "Macintosh";
  const state = (await queryCameraPermission()).state;
  answer.start_camera_local_session = () => {
    throw new RpcError(1, "No.", { kind: "source_not_allowed" });
  };
  assert.equal(await outcome(open(true)), "NotAllowedError");
  assert.equal((await queryCameraPermission()).state, state);
});
