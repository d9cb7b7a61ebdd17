/**
 * The calls to the sidecar: `invoke` a method, `listen` to an event. In a Tauri app the app is the carrier; elsewhere
 * `useCarrier` sets one, once, before the first call.
 */

import { openTauri } from "./carriers/tauri.js";

/**
 * The transport of requests and notifications. `listen` returns the function that unsubscribes.
 *
 * @typedef {object} Carrier
 * @property {(method: string, params: object) => Promise<unknown>} request rejects with an `RpcError`
 * @property {(event: string, handler: (params: any) => void) => () => void} listen
 */

/**
 * The event of the shell itself, beside the sidecar's: the state of the sidecar's process.
 *
 * @typedef {object} ShellEvents
 * @property {{state: "starting" | "running" | "restarting" | "failed" | "stopped", reason?: string | null}} sidecar_state
 */

/** @typedef {import("./contract.js").Methods} Methods */
/** @typedef {import("./contract.js").Events} Events */

/** @type {Carrier | undefined} */
let current;

/** Use this carrier instead of the Tauri app's. @param {Carrier} carrier */
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
 * Call the handler for each event of the contract, or of the shell. Returns the function that unsubscribes.
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
 * The iterator is not enumerable, so the result still prints and serialises like a plain object.
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
