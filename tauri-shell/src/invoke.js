/**
 * How everything here talks to the sidecar: `invoke` a method, `listen` to an event. A Tauri app carries them; elsewhere
 * `useCarrier` says what does, once, before the first call.
 */

import { openTauri } from "./carriers/tauri.js";

/**
 * What carries requests to the sidecar and its notifications back. `listen` returns the function that ends it.
 *
 * @typedef {object} Carrier
 * @property {(method: string, params: object) => Promise<unknown>} request rejects with an `RpcError`
 * @property {(event: string, handler: (params: any) => void) => () => void} listen
 */

/**
 * What the shell itself tells about the sidecar's process, as an event among the sidecar's own.
 *
 * @typedef {object} ShellEvents
 * @property {{state: "starting" | "running" | "restarting" | "failed" | "stopped", reason?: string | null}} sidecar_state
 */

/** @typedef {import("./contract.js").Methods} Methods */
/** @typedef {import("./contract.js").Events} Events */

/** @type {Carrier | undefined} */
let current;

/** In the place of the Tauri app's. @param {Carrier} carrier */
export function useCarrier(carrier) {
  current = carrier;
}

function carrier() {
  return (current ??= openTauri());
}

/**
 * Call a method of the contract.
 *
 * Rejects with an `RpcError`. A result that holds a session description can be used both as
 * `{sdp_type, sdp, connection_id}` and as `[sdpData, connectionId]`.
 *
 * @template {keyof Methods} M
 * @param {M} method
 * @param {Methods[M]["params"]} [params]
 * @returns {Promise<Methods[M]["result"]>}
 */
export async function invoke(method, params = {}) {
  const result = await carrier().request(method, params);
  return /** @type {any} */ (isDescription(result) ? withIterator(result) : result);
}

/**
 * Hear an event of the contract, or of the shell. Returns the function that ends the listening.
 *
 * @template {keyof (Events & ShellEvents)} E
 * @param {E} event
 * @param {(params: (Events & ShellEvents)[E]) => void} handler
 * @returns {() => void}
 */
export function listen(event, handler) {
  return carrier().listen(event, handler);
}

/** @typedef {{sdp_type: string, sdp: string, connection_id: string}} Description */

/**
 * @param {unknown} result
 * @returns {result is Description}
 */
function isDescription(result) {
  return typeof result === "object" && result !== null && "sdp" in result && "connection_id" in result;
}

/**
 * The iterator is not enumerable, so the result still looks, prints and serialises like the plain object it is.
 *
 * @param {Description} result
 */
function withIterator(result) {
  return Object.defineProperty(result, Symbol.iterator, {
    *value() {
      yield { type: result.sdp_type, sdp_type: result.sdp_type, sdp: result.sdp };
      yield result.connection_id;
    },
  });
}
