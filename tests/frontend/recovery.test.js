import assert from "node:assert/strict";
import { test } from "node:test";

import { Recovery } from "../../tauri-shell/player/src/recovery.js";
import { RpcError, unreachable } from "../../tauri-shell/player/src/rpc-error.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("attempts repeat after retryable errors, and end with the first success", async () => {
  const recovery = new Recovery();
  let attempts = 0;
  await recovery.run(async () => {
    if (++attempts < 3) throw unreachable("not yet", "wait");
  });
  assert.equal(attempts, 3);
});

test("an error that is not retryable ends the attempts", async () => {
  let attempts = 0;
  const run = new Recovery().run(async () => {
    attempts++;
    throw new RpcError(1001, "no such camera", { kind: "camera_not_found", retryable: false });
  });
  await assert.rejects(run, { code: 1001 });
  assert.equal(attempts, 1);
});

test("an exception that is no RpcError ends the attempts", async () => {
  await assert.rejects(new Recovery().run(async () => {
    throw new TypeError("a bug");
  }), TypeError);
});

test("hurry ends a pause, stop ends the attempts", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const recovery = new Recovery();
  let attempts = 0;
  const run = recovery.run(async () => {
    attempts++;
    throw unreachable("not yet", "wait");
  });
  context.mock.timers.tick(0);
  await turn();
  assert.equal(attempts, 1);
  recovery.hurry();
  await turn();
  assert.equal(attempts, 2);
  recovery.stop();
  await run;
  assert.equal(attempts, 2);
});
