import assert from "node:assert/strict";
import { test } from "node:test";

import { ViewStatus } from "../../tauri-shell/player/src/view-status.js";

/** A status, and its states after each change, with their reasons. */
function following() {
  const changes = [];
  const updates = [];
  const status = new ViewStatus((isChanged) => {
    updates.push(status.state);
    if (isChanged) changes.push([status.state, status.reason]);
  });
  return { status, changes, updates };
}

test("a view is live from its first picture on", () => {
  const { status, changes } = following();
  status.update();
  status.onPicture();
  status.onPicture();
  assert.deepEqual(changes, [["live", ""]]);
});

test("before the first picture an interruption is a reason of connecting", () => {
  const { status, changes } = following();
  status.interrupt("camera", "The camera is busy.", "Close the other program.");
  assert.deepEqual(changes, [["connecting", "The camera is busy."]]);
  assert.equal(status.hint, "Close the other program.");
});

test("a view is interrupted until all interruptions are over, and shows the first one's reason", () => {
  const { status, changes } = following();
  status.onPicture();
  status.interrupt("camera", "The camera was unplugged.");
  status.interrupt("connection");
  assert.equal(status.isInterruptedBy("connection"), true);
  status.resume("camera");
  status.resume("connection");
  const expected = [["live", ""], ["interrupted", "The camera was unplugged."], ["interrupted", "The connection is interrupted."], ["live", ""]];
  assert.deepEqual(changes, expected);
});

test("a picture ends the interruption by a lost sidecar, and no other", () => {
  const { status } = following();
  status.onPicture();
  status.interrupt("sidecar");
  status.interrupt("browser");
  status.onPicture();
  assert.deepEqual([status.state, status.isInterruptedBy("sidecar"), status.isInterrupted], ["interrupted", false, true]);
});

test("an update without a change is reported as such", () => {
  const { status, changes, updates } = following();
  status.update();
  assert.deepEqual([updates, changes], [["connecting"], []]);
});

test("a frozen status keeps its end", () => {
  const { status, changes } = following();
  status.end("The camera stopped.", "Start the camera again.");
  status.freeze();
  status.onPicture();
  assert.deepEqual([status.state, status.reason], ["ended", "The camera stopped."]);
  assert.deepEqual(changes, [["ended", "The camera stopped."]]);
});
