/**
 * The Tauri shell's carrier: its command `sidecar_call` passes requests on to the sidecar, its events `sidecar:<name>`
 * are the sidecar's notifications. Tauri's own API comes with `withGlobalTauri`, so there is nothing to bundle.
 */

import { RpcError, unreachable } from "../rpc-error.js";

/** @typedef {import("../invoke.js").Carrier} Carrier */

/**
 * @typedef {object} TauriGlobal
 * @property {{invoke: (command: string, args: object) => Promise<unknown>}} core
 * @property {{listen: (event: string, handler: (event: {payload: any}) => void) => Promise<() => void>}} event
 */

/**
 * @param {TauriGlobal} [tauri] in the place of the page's own
 * @returns {Carrier}
 */
export function openTauri(tauri = /** @type {any} */ (globalThis).__TAURI__) {
  if (!tauri) throw new Error("there is no window.__TAURI__: in a Tauri app set app.withGlobalTauri, else call useCarrier");
  return {
    async request(method, params) {
      try {
        return await tauri.core.invoke("sidecar_call", { method, params });
      } catch (error) {
        throw rpcErrorOf(error);
      }
    },
    listen(event, handler) {
      let isOver = false;
      const listening = tauri.event.listen(`sidecar:${event}`, ({ payload }) => void (isOver || handler(payload)));
      return () => {
        isOver = true;
        void listening.then((unlisten) => unlisten());
      };
    },
  };
}

/** @param {any} error the sidecar's `{code, message, data}`, or what Tauri says itself */
function rpcErrorOf(error) {
  if (typeof error?.code === "number") return new RpcError(error.code, String(error.message), error.data);
  return unreachable(`The app did not pass the request on: ${error?.message ?? error}`, "Start the app again.");
}
