/**
 * The page of the browser tests. `window` has the functions for the tests; `invoke` and `listen` are the product's,
 * with a carrier of functions that the tests expose.
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

/** Give a notification of the sidecar to its listeners. */
function deliver([event, params]) {
  for (const handler of [...(handlers.get(event) ?? [])]) handler(params);
}

/**
 * Run statements unchanged. `given` are the names in their scope, `wanted` the names of their results.
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
