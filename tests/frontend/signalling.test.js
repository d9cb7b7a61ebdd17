import assert from "node:assert/strict";
import { test } from "node:test";

import { CandidateQueue } from "../../tauri-shell/player/src/candidate-queue.js";
import { ConnectionEvents } from "../../tauri-shell/player/src/connection-events.js";

const candidate = (n) => ({ candidate: `candidate:${n}`, sdpMid: "0" });

test("candidates wait for the description and then keep their order, the end last", async () => {
  const added = [];
  const queue = new CandidateQueue(async (c) => void added.push(c?.candidate ?? null));
  queue.push(candidate(1));
  queue.push(candidate(2));
  await Promise.resolve();
  assert.deepEqual(added, []);
  const opened = queue.open();
  queue.push(candidate(3));
  queue.push(null);
  await opened;
  await queue.open();
  assert.deepEqual(added, ["candidate:1", "candidate:2", "candidate:3", null]);
});

test("a slow candidate does not let a later one overtake it", async () => {
  const added = [];
  const queue = new CandidateQueue(async (c) => {
    if (c?.candidate === "candidate:1") await new Promise((resolve) => setImmediate(resolve));
    added.push(c?.candidate);
  });
  queue.push(candidate(1));
  void queue.open();
  queue.push(candidate(2));
  await queue.open();
  assert.deepEqual(added, ["candidate:1", "candidate:2"]);
});

test("a candidate that is refused does not keep the others back", async (context) => {
  const warned = context.mock.method(console, "warn", () => {});
  const added = [];
  const queue = new CandidateQueue(async (c) => {
    if (c?.candidate === "candidate:1") throw new Error("not usable");
    added.push(c?.candidate);
  });
  queue.push(candidate(1));
  queue.push(candidate(2));
  await queue.open();
  assert.deepEqual(added, ["candidate:2"]);
  assert.equal(warned.mock.callCount(), 1);
});

/** A ConnectionEvents, the events that it passed on, and a function that sends it events. */
function listening() {
  const listeners = new Map();
  const heard = [];
  const listen = (name, handler) => {
    listeners.set(name, handler);
    return () => void listeners.delete(name);
  };
  const names = ["ice_candidate", "connection_state", "renegotiation_offer", "camera_state"];
  const handlers = Object.fromEntries(names.map((name) => [name, (event) => heard.push([name, event.n])]));
  const events = new ConnectionEvents(listen, handlers);
  return { events, heard, listeners, send: (name, event) => listeners.get(name)(event) };
}

test("events that overtake the answer with the connection's id are held and passed on in order", () => {
  const { events, heard, send } = listening();
  send("ice_candidate", { connection_id: "c-1", n: 1 });
  send("camera_state", { session_id: "s-1", n: 2 });
  send("ice_candidate", { connection_id: "c-other", n: 3 });
  assert.deepEqual(heard, []);
  events.identify({ connection_id: "c-1", session_id: "s-1" });
  send("connection_state", { connection_id: "c-1", n: 4 });
  send("renegotiation_offer", { connection_id: "c-1", n: 5 });
  send("renegotiation_offer", { connection_id: "c-other", n: 6 });
  const expected = [["ice_candidate", 1], ["camera_state", 2], ["connection_state", 4], ["renegotiation_offer", 5]];
  assert.deepEqual(heard, expected);
});

test("events of another connection or session are not this one's", () => {
  const { events, heard, send } = listening();
  events.identify({ connection_id: "c-1", session_id: "s-1" });
  send("connection_state", { connection_id: "c-2", n: 1 });
  send("camera_state", { session_id: "s-2", n: 2 });
  assert.deepEqual(heard, []);
});

test("the held events are bounded", () => {
  const { events, heard, send } = listening();
  for (let n = 0; n < 1000; n++) send("ice_candidate", { connection_id: "c-1", n });
  events.identify({ connection_id: "c-1", session_id: "s-1" });
  assert.equal(heard.length, 256);
});

test("closing ends the listening", () => {
  const { events, listeners } = listening();
  events.close();
  assert.equal(listeners.size, 0);
});
