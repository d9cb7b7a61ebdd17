/** @typedef {import("./contract.js").ErrorData} ErrorData */

const UNREACHABLE = "sidecar_unreachable";

/** The failure of a request, with the members of the sidecar's error object (JSON-RPC 2.0, section 5.1). */
export class RpcError extends Error {
  /**
   * @param {number} code
   * @param {string} message
   * @param {Partial<ErrorData> | null} [data]
   */
  constructor(code, message, data) {
    super(message);
    this.name = "RpcError";
    this.code = code;
    /** @type {ErrorData} */
    this.data = { kind: "unknown", retryable: false, hint: "", details: null, ...data };
  }
}

/**
 * The error of a request without an answer: the connection to the sidecar is closed or silent. The code is from the
 * range that JSON-RPC reserves for implementations.
 *
 * @param {string} message
 * @param {string} hint
 */
export function unreachable(message, hint) {
  return new RpcError(-32000, message, { kind: UNREACHABLE, retryable: true, hint });
}

/** Whether the sidecar was unreachable, so that its connections and sessions have ended. @param {unknown} error */
export function isUnreachable(error) {
  return error instanceof RpcError && error.data.kind === UNREACHABLE;
}
