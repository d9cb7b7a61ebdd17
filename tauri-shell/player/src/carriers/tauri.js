/**
 * The carrier of a Tauri app: each method of the contract is a command of the plugin `camera-sidecar`, and its commands
 * `listen` and `log` open channels for the notifications that concern this page. It uses the functions that Tauri puts
 * into every page before the page's scripts, so it needs neither `withGlobalTauri` nor a bundler.
 */

import { EventHandlers } from "../event-handlers.js";
import { RpcError, unreachable } from "../rpc-error.js";

/** @typedef {import("../invoke.js").Carrier} Carrier */

/**
 * The functions that Tauri puts into a page, as `window.__TAURI_INTERNALS__`.
 *
 * @typedef {object} TauriInternals
 * @property {(command: string, args: object) => Promise<unknown>} invoke
 * @property {(callback: (message: any) => void) => number} transformCallback registers a callback; returns its id
 */

const PLUGIN = "camera-sidecar";
/** The event with a command and a permission of its own. */
const LOG = "log";
/** The code of a refused command, from the range that JSON-RPC 2.0 (section 5.1) reserves for implementations. */
const NOT_PERMITTED = -32001;
/** JSON-RPC 2.0, section 5.1. */
const METHOD_NOT_FOUND = -32601;

/**
 * @param {TauriInternals} [tauri] Tauri's functions; the page's own by default
 * @returns {Carrier}
 */
export function openTauri(tauri = /** @type {any} */ (globalThis).__TAURI_INTERNALS__) {
  if (!tauri) throw new Error("This page is not in a Tauri app: call useCarrier before the first call.");
  const events = new Events(tauri, "listen");
  const log = new Events(tauri, "log");
  return {
    async request(method, params) {
      await events.opening; // else the first notifications that this request causes would be missed
      return invokeCommand(tauri, method.replaceAll(".", "_"), params);
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
   * @param {TauriInternals} tauri
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
    const channel = openChannel(this.#tauri, ({ event, payload }) => this.#handlers.emit(event, payload));
    try {
      await invokeCommand(this.#tauri, this.#command, { channel });
    } catch (error) {
      console.error(error);
    }
  }
}

/**
 * Open a channel for the messages of a command, and return it as the command takes it. Tauri sends long messages by
 * another path than short ones, so a message can arrive before earlier ones: they are delivered in the order of their
 * numbers.
 *
 * @param {TauriInternals} tauri
 * @param {(message: any) => void} deliver
 */
function openChannel(tauri, deliver) {
  /** @type {Map<number, any>} */
  const waiting = new Map();
  let next = 0;
  const id = tauri.transformCallback(({ index, message, end }) => {
    if (end) return;
    waiting.set(index, message);
    for (; waiting.has(next); next++) {
      deliver(waiting.get(next));
      waiting.delete(next);
    }
  });
  return `__CHANNEL__:${id}`;
}

/**
 * @param {TauriInternals} tauri
 * @param {string} command
 * @param {object} args
 */
async function invokeCommand(tauri, command, args) {
  try {
    return await tauri.invoke(`plugin:${PLUGIN}|${command}`, args);
  } catch (error) {
    throw rpcErrorOf(error, command);
  }
}

/**
 * @param {any} error the sidecar's or the plugin's `{code, message, data}`, or a text of Tauri's own
 * @param {string} command
 */
function rpcErrorOf(error, command) {
  if (typeof error?.code === "number") return new RpcError(error.code, String(error.message), error.data);
  const text = String(error?.message ?? error);
  if (/Command not found/.test(text)) return unknown(command);
  if (/not allowed/.test(text) && !/Plugin not found/.test(text)) return notPermitted(command);
  const hint = "Add the plugin in src-tauri/src/lib.rs: .plugin(tauri_plugin_camera_sidecar::init())";
  return unreachable(`The app did not forward the request to the sidecar: ${text}`, hint);
}

/** @param {string} command */
function unknown(command) {
  const hint = "Call a method of schemas/openrpc.json. shutdown is reserved for the app.";
  return new RpcError(METHOD_NOT_FOUND, `${command} cannot be called from a page.`, {
    kind: "method_not_found",
    retryable: false,
    hint,
  });
}

/** @param {string} command */
function notPermitted(command) {
  const permission = `${PLUGIN}:allow-${command.replaceAll("_", "-")}`;
  const hint =
    `Add "${permission}" to the permissions of a capability of this window, in src-tauri/capabilities; ` +
    `"${PLUGIN}:default" has all that a viewer needs.`;
  return new RpcError(NOT_PERMITTED, `This page may not call ${command}.`, {
    kind: "not_permitted",
    retryable: false,
    hint,
  });
}
