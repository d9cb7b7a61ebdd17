/**
 * A JSON-RPC 2.0 client over any transport of text messages. Responses are matched to their requests by id, and
 * notifications go to their handlers.
 */

import { EventHandlers } from "./event-handlers.js";
import { RpcError, unreachable } from "./rpc-error.js";

const MAX_PENDING = 256;
const REQUEST_TIMEOUT_MS = 60_000; // longer than any method of the sidecar takes, the opening of a slow camera included

/** @typedef {import("./invoke.js").Carrier} Carrier */

/**
 * @typedef {object} Pending
 * @property {(result: unknown) => void} resolve
 * @property {(error: RpcError) => void} reject
 * @property {ReturnType<typeof setTimeout>} timer
 */

/** @implements {Carrier} */
export class RpcClient {
  #nextId = 1;
  /** @type {Map<number, Pending>} */
  #pending = new Map();
  #handlers = new EventHandlers();
  /** @type {RpcError | undefined} */
  #closed;
  #send;
  #timeoutMs;

  /**
   * @param {(text: string) => void} send
   * @param {{timeoutMs?: number}} [options]
   */
  constructor(send, { timeoutMs = REQUEST_TIMEOUT_MS } = {}) {
    this.#send = send;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @param {string} method
   * @param {object} params
   * @returns {Promise<unknown>}
   */
  request(method, params) {
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.#pending.size >= MAX_PENDING) {
      return Promise.reject(unreachable("Too many requests are waiting for an answer.", "Wait a moment, then try again."));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#expire(id, method), this.#timeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      this.#send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  /**
   * @param {string} event
   * @param {(params: any) => void} handler
   */
  listen(event, handler) {
    return this.#handlers.add(event, handler);
  }

  /**
   * Handle one message of the sidecar.
   *
   * @param {string} text
   */
  receive(text) {
    const message = JSON.parse(text);
    if (typeof message.method === "string") this.#handlers.emit(message.method, message.params);
    else this.#answer(message);
  }

  /**
   * The transport is closed: every pending and every later request fails with this error.
   *
   * @param {RpcError} error
   */
  close(error) {
    this.#closed ??= error;
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(this.#closed);
    this.#handlers.clear();
  }

  /** @param {{id?: number, result?: unknown, error?: {code: number, message: string, data?: any}}} message */
  #answer({ id, result, error }) {
    const pending = this.#take(id);
    if (!pending) return;
    if (error) pending.reject(new RpcError(error.code, error.message, error.data));
    else pending.resolve(result);
  }

  /** @param {number | undefined} id */
  #take(id) {
    if (id === undefined) return undefined;
    const pending = this.#pending.get(id);
    if (!pending) return undefined;
    clearTimeout(pending.timer);
    this.#pending.delete(id);
    return pending;
  }

  /**
   * @param {number} id
   * @param {string} method
   */
  #expire(id, method) {
    const message = `The sidecar did not answer ${method} within ${this.#timeoutMs / 1000} s.`;
    this.#take(id)?.reject(unreachable(message, "Try again. If the sidecar stays silent, restart it."));
  }
}
