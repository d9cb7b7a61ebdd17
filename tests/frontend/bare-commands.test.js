import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const SCRIPT = await readFile(new URL("../../tauri-shell/plugin/src/bare-commands.js", import.meta.url), "utf8");
const PING = "ipc://localhost/ping";
const PLUGIN_PING = "ipc://localhost/plugin%3Acamera-sidecar%7Cping";
const OPTIONS = { method: "POST", body: "{}" };

const response = (answer, outcome = "ok") => new Response(JSON.stringify(answer), { headers: { "Tauri-Response": outcome } });
const refusal = (text) => response(text, "error");

/** A page after the script ran in it: its `fetch`, and the addresses that Tauri was asked. `app` answers for the app's own commands. */
function page(app) {
  const asked = [];
  const fetch = async (address, options) => {
    asked.push(address);
    assert.deepEqual(options, OPTIONS);
    return address.includes("plugin%3A") ? response("from the plugin") : app(address);
  };
  const convertFileSrc = (path, protocol) => `${protocol}://localhost/${encodeURIComponent(path)}`;
  globalThis.window = { fetch, __TAURI_INTERNALS__: { convertFileSrc } };
  (0, eval)(SCRIPT)([["ping", "ping"], ["rpc.discover", "rpc_discover"]]);
  const { window } = globalThis;
  delete globalThis.window;
  return { asked, ask: async (address) => (await window.fetch(address, OPTIONS)).json() };
}

for (const text of [
  "Command ping not found",
  "Command ping not allowed by ACL",
  "ping not allowed. Command not found",
]) {
  test(`a command that the app does not have is the plugin's: ${text}`, async () => {
    const { asked, ask } = page(() => refusal(text));
    assert.equal(await ask(PING), "from the plugin");
    assert.deepEqual(asked, [PING, PLUGIN_PING]);
  });
}

test("the app is asked once for a command that it does not have", async () => {
  const { asked, ask } = page(() => refusal("Command ping not found"));
  await ask(PING);
  assert.equal(await ask(PING), "from the plugin");
  assert.deepEqual(asked, [PING, PLUGIN_PING, PLUGIN_PING]);
});

test("a command of the app itself comes first, with its errors", async () => {
  for (const answer of [response("from the app"), refusal("the file was not found"), refusal({ code: 7 })]) {
    const expected = await answer.clone().json();
    const { asked, ask } = page(() => answer);
    assert.deepEqual(await ask(PING), expected);
    assert.deepEqual(asked, [PING]);
  }
});

test("a method whose name is no identifier is the plugin's command with an underscore", async () => {
  const { asked, ask } = page(() => refusal("Command rpc.discover not found"));
  await ask("ipc://localhost/rpc.discover");
  assert.equal(asked[1], "ipc://localhost/plugin%3Acamera-sidecar%7Crpc_discover");
});

test("a request without an address is refused as without the script", async () => {
  const given = [];
  globalThis.window = {
    fetch: async (...all) => void given.push(all),
    __TAURI_INTERNALS__: { convertFileSrc: (path) => path },
  };
  (0, eval)(SCRIPT)([["ping", "ping"]]);
  await globalThis.window.fetch();
  delete globalThis.window;
  assert.deepEqual(given, [[]]);
});

test("other addresses and the app's other commands are passed on as they are", async () => {
  const { asked, ask } = page(() => refusal("Command greet not found"));
  assert.equal(await ask("ipc://localhost/greet"), "Command greet not found");
  await ask("https://example.org/ping");
  assert.deepEqual(asked, ["ipc://localhost/greet", "https://example.org/ping"]);
});
