/**
 * The page of the browser tests. What the tests call stands on `window`; `invoke` and `listen` are the product's own,
 * carried to the sidecar by functions that the tests put there.
 */

import { invoke, listen, useCarrier } from "./shell/invoke.js";
import { RpcError } from "./shell/rpc-error.js";
import { Viewer } from "./viewer.js";

/** @type {Map<string, Set<(params: any) => void>>} */
const handlers = new Map();

useCarrier({
  async request(method, params) {
    const { error, result } = await window.carry(JSON.stringify({ method, params }));
    if (error) throw new RpcError(error.code, error.message, error.data);
    return result;
  },
  listen(event, handler) {
    const ofEvent = handlers.get(event) ?? new Set();
    handlers.set(event, ofEvent.add(handler));
    return () => void ofEvent.delete(handler);
  },
});

/** Hand a notification of the sidecar to whoever listens. */
function deliver([event, params]) {
  for (const handler of [...(handlers.get(event) ?? [])]) handler(params);
}

/**
 * Run statements as they stand. `given` are the names that they find, `wanted` those of theirs that are given back.
 *
 * @param {{source: string, given: Record<string, unknown>, wanted: string[]}} block
 */
function runBlock({ source, given, wanted }) {
  const AsyncFunction = (async () => {}).constructor;
  const run = AsyncFunction(...Object.keys(given), `${source}\nreturn { ${wanted.join(", ")} };`);
  return run(...Object.values(given));
}

Object.assign(window, { deliver, invoke, listen, runBlock, Viewer });
window.isReady = true;
