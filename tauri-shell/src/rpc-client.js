/**
 * JSON-RPC 2.0 over anything that carries text messages: requests are matched to their answers by id, notifications go
 * to whoever listens. Knows no transport.
 */

import { RpcError, unreachable } from "./rpc-error.js";

const MAX_PENDING = 256;
const REQUEST_TIMEOUT_MS = 60_000; // longer than any step of the sidecar takes, opening a slow camera included

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
  /** @type {Map<string, Set<(params: any) => void>>} */
  #listeners = new Map();
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
      return Promise.reject(unreachable("Too many requests wait for an answer.", "Wait a moment, then try again."));
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
    const handlers = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, handlers.add(handler));
    return () => void handlers.delete(handler);
  }

  /**
   * Take one message from the sidecar.
   *
   * @param {string} text
   */
  receive(text) {
    const message = JSON.parse(text);
    if (typeof message.method === "string") this.#notify(message.method, message.params);
    else this.#answer(message);
  }

  /**
   * The way to the sidecar is gone: every waiting and every later request fails with this.
   *
   * @param {RpcError} error
   */
  close(error) {
    this.#closed ??= error;
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(this.#closed);
    this.#listeners.clear();
  }

  /** @param {{id?: number, result?: unknown, error?: {code: number, message: string, data?: any}}} message */
  #answer({ id, result, error }) {
    const pending = this.#take(id);
    if (!pending) return;
    if (error) pending.reject(new RpcError(error.code, error.message, error.data));
    else pending.resolve(result);
  }

  /**
   * @param {string} event
   * @param {unknown} params
   */
  #notify(event, params) {
    for (const handler of [...(this.#listeners.get(event) ?? [])]) {
      try {
        handler(params);
      } catch (error) {
        console.error(error); // one listener's fault must not keep the event from the others
      }
    }
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
    this.#take(id)?.reject(unreachable(message, "Try again; if it stays silent, restart it."));
  }
}
