/**
 * The Tauri shell's carrier: the command `sidecar_call` forwards requests to the sidecar, and the command
 * `sidecar_listen` opens a channel for the notifications that concern this page. Tauri's API comes with
 * `withGlobalTauri`, so no bundler is needed.
 */

import { EventHandlers } from "../event-handlers.js";
import { RpcError, unreachable } from "../rpc-error.js";

/** @typedef {import("../invoke.js").Carrier} Carrier */

/**
 * @typedef {object} TauriGlobal
 * @property {{
 *   invoke: (command: string, args: object) => Promise<unknown>,
 *   Channel: new () => {onmessage: (message: any) => void},
 * }} core
 */

/** The event with a command and a permission of its own. */
const LOG = "log";

/**
 * @param {TauriGlobal} [tauri] Tauri's API; the page's own by default
 * @returns {Carrier}
 */
export function openTauri(tauri = /** @type {any} */ (globalThis).__TAURI__) {
  if (!tauri) throw new Error("window.__TAURI__ is missing: set app.withGlobalTauri in a Tauri app; elsewhere call useCarrier");
  const events = new Events(tauri, "sidecar_listen");
  const log = new Events(tauri, "sidecar_log");
  return {
    async request(method, params) {
      await events.opening; // else the first notifications that this request causes would be missed
      try {
        return await tauri.core.invoke("sidecar_call", { method, params });
      } catch (error) {
        throw rpcErrorOf(error);
      }
    },
    listen: (event, handler) => (event === LOG ? log : events).listen(event, handler),
  };
}

/** The events of one channel, which the first handler opens. */
class Events {
  /** Resolves when the channel is open, or was refused. @type {Promise<void> | undefined} */
  opening;
  #handlers = new EventHandlers();
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
    return this.#handlers.add(event, handler);
  }

  async #open() {
    const channel = new this.#tauri.core.Channel();
    channel.onmessage = ({ event, payload }) => this.#handlers.emit(event, payload);
    try {
      await this.#tauri.core.invoke(this.#command, { channel });
    } catch (error) {
      console.error(rpcErrorOf(error));
    }
  }
}

/** @param {any} error the sidecar's or the shell's `{code, message, data}`, or an error of Tauri's own */
function rpcErrorOf(error) {
  if (typeof error?.code === "number") return new RpcError(error.code, String(error.message), error.data);
  const hint = "Check src-tauri: lib.rs must pass commands to camera_sidecar::handler, and a capability must allow this window.";
  return unreachable(`The app did not forward the request to the sidecar: ${error?.message ?? error}`, hint);
}
