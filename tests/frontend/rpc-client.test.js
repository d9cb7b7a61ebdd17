import assert from "node:assert/strict";
import { test } from "node:test";

import { RpcClient } from "../../tauri-shell/player/src/rpc-client.js";
import { isUnreachable, RpcError, unreachable } from "../../tauri-shell/player/src/rpc-error.js";

/** A client, the messages that it sent, and a function that answers them. @param {{timeoutMs?: number}} [options] */
function connected(options) {
  const sent = [];
  const client = new RpcClient((text) => sent.push(JSON.parse(text)), options);
  const receive = (message) => client.receive(JSON.stringify({ jsonrpc: "2.0", ...message }));
  return { client, sent, receive };
}

test("answers that come in another order reach the requests they belong to", async () => {
  const { client, sent, receive } = connected();
  const first = client.request("ping", { n: 1 });
  const second = client.request("ping", { n: 2 });
  receive({ id: sent[1].id, result: "two" });
  receive({ id: sent[0].id, result: "one" });
  assert.deepEqual(await Promise.all([first, second]), ["one", "two"]);
  assert.deepEqual(sent[0], { jsonrpc: "2.0", id: sent[0].id, method: "ping", params: { n: 1 } });
});

test("an answered request leaves no timer behind", async () => {
  const { client, sent, receive } = connected();
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const request = client.request("ping", {});
  assert.equal(timers(), before + 1);
  receive({ id: sent[0].id, result: {} });
  await request;
  assert.equal(timers(), before);
});

test("an undefined sdpMlineIndex is left out of the message, as browsers leave it", () => {
  const { client, sent } = connected();
  void client.request("add_ice_candidate", { candidate: { sdpMid: "0", sdpMlineIndex: undefined } }).catch(() => {});
  assert.deepEqual(sent[0].params, { candidate: { sdpMid: "0" } });
  client.close(unreachable("over", ""));
});

test("an error answer rejects with its code, its message and the contract's data", async () => {
  const { client, sent, receive } = connected();
  const request = client.request("start_streaming", {});
  const data = { kind: "camera_busy", retryable: true, hint: "Close the other program.", details: { holder: "zoom" } };
  receive({ id: sent[0].id, error: { code: 1002, message: "The camera is busy.", data } });
  await assert.rejects(request, (error) => {
    assert.ok(error instanceof RpcError && error instanceof Error);
    assert.deepEqual([error.code, error.message, error.data], [1002, "The camera is busy.", data]);
    return true;
  });
});

test("an error without data still has a kind, a hint and retryable to read", async () => {
  const { client, sent, receive } = connected();
  const request = client.request("nothing", {});
  receive({ id: sent[0].id, error: { code: -32601, message: "Method not found" } });
  await assert.rejects(request, { code: -32601, data: { kind: "unknown", retryable: false, hint: "", details: null } });
});

test("notifications reach all who listen, until they stop listening", () => {
  const { client, receive } = connected();
  const heard = [];
  const unlisten = client.listen("stats", (params) => heard.push(["a", params.n]));
  client.listen("stats", (params) => heard.push(["b", params.n]));
  receive({ method: "stats", params: { n: 1 } });
  unlisten();
  receive({ method: "stats", params: { n: 2 } });
  receive({ method: "unheard", params: {} });
  assert.deepEqual(heard, [["a", 1], ["b", 1], ["b", 2]]);
});

test("one listener's exception does not keep the event from the others", (context) => {
  const { client, receive } = connected();
  const logged = context.mock.method(console, "error", () => {});
  const heard = [];
  client.listen("ready", () => {
    throw new Error("mine");
  });
  client.listen("ready", () => heard.push("ready"));
  receive({ method: "ready", params: {} });
  assert.deepEqual(heard, ["ready"]);
  assert.equal(logged.mock.callCount(), 1);
});

test("when the way to the sidecar is gone, waiting and later requests fail", async () => {
  const { client, sent } = connected();
  const waiting = client.request("ping", {});
  const gone = unreachable("The sidecar ended.", "Start it again.");
  client.close(gone);
  await assert.rejects(waiting, gone);
  await assert.rejects(client.request("ping", {}), gone);
  assert.equal(sent.length, 1);
  assert.ok(isUnreachable(gone));
});

test("a request that is never answered fails after its time, and its late answer is ignored", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { client, sent, receive } = connected({ timeoutMs: 5000 });
  const request = client.request("ping", {});
  context.mock.timers.tick(5000);
  await assert.rejects(request, /did not answer ping within 5 s/);
  receive({ id: sent[0].id, result: "late" });
});

test("no more than 256 requests wait at a time", async () => {
  const { client } = connected();
  const waiting = Array.from({ length: 256 }, () => client.request("ping", {}).catch(() => "over"));
  await assert.rejects(client.request("ping", {}), /Too many requests/);
  client.close(unreachable("over", ""));
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(["over"]));
});
