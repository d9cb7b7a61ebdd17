/**
 * The Tauri shell's carrier: its command `sidecar_call` passes requests on to the sidecar, and the channel that its
 * command `sidecar_listen` takes brings the notifications that concern this page. Tauri's own API comes with
 * `withGlobalTauri`, so there is nothing to bundle.
 */

import { RpcError, unreachable } from "../rpc-error.js";

/** @typedef {import("../invoke.js").Carrier} Carrier */

/**
 * @typedef {object} TauriGlobal
 * @property {{
 *   invoke: (command: string, args: object) => Promise<unknown>,
 *   Channel: new () => {onmessage: (message: any) => void},
 * }} core
 */

/** The log has a command and a permission of its own. */
const LOG = "log";

/**
 * @param {TauriGlobal} [tauri] in the place of the page's own
 * @returns {Carrier}
 */
export function openTauri(tauri = /** @type {any} */ (globalThis).__TAURI__) {
  if (!tauri) throw new Error("there is no window.__TAURI__: in a Tauri app set app.withGlobalTauri, else call useCarrier");
  const events = new Events(tauri, "sidecar_listen");
  const log = new Events(tauri, "sidecar_log");
  return {
    async request(method, params) {
      await events.opening; // or the first notifications of what this request starts would be missed
      try {
        return await tauri.core.invoke("sidecar_call", { method, params });
      } catch (error) {
        throw rpcErrorOf(error);
      }
    },
    listen: (event, handler) => (event === LOG ? log : events).listen(event, handler),
  };
}

/** What comes over one channel, opened by the first who listens. */
class Events {
  /** Settles when the channel is open, or cannot be. @type {Promise<unknown> | undefined} */
  opening;
  /** @type {Map<string, Set<(params: any) => void>>} */
  #handlers = new Map();
  #tauri;
  #command;

  /**
   * @param {TauriGlobal} tauri
   * @param {string} command
   */
  constructor(tauri, command) {
    this.#tauri = tauri;
    this.#command = command;
  }

  /**
   * @param {string} event
   * @param {(params: any) => void} handler
   */
  listen(event, handler) {
    this.opening ??= this.#open();
    const handlers = this.#handlers.get(event) ?? new Set();
    this.#handlers.set(event, handlers.add(handler));
    return () => void handlers.delete(handler);
  }

  async #open() {
    const channel = new this.#tauri.core.Channel();
    channel.onmessage = ({ event, payload }) => this.#deliver(event, payload);
    try {
      await this.#tauri.core.invoke(this.#command, { channel });
    } catch (error) {
      console.error(rpcErrorOf(error));
    }
  }

  /**
   * @param {string} event
   * @param {unknown} params
   */
  #deliver(event, params) {
    for (const handler of [...(this.#handlers.get(event) ?? [])]) {
      try {
        handler(params);
      } catch (error) {
        console.error(error); // one listener's fault must not keep the event from the others
      }
    }
  }
}

/** @param {any} error the sidecar's or the shell's `{code, message, data}`, or what Tauri says itself */
function rpcErrorOf(error) {
  if (typeof error?.code === "number") return new RpcError(error.code, String(error.message), error.data);
  const hint = "Look into src-tauri: lib.rs must pass commands to camera_sidecar::handler, and a capability allow this window.";
  return unreachable(`The app did not pass the request on: ${error?.message ?? error}`, hint);
}
