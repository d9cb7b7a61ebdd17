/** @typedef {import("./contract.js").ErrorData} ErrorData */

const UNREACHABLE = "sidecar_unreachable";

/** A request's failure, as the sidecar's error object tells it (JSON-RPC 2.0, section 5.1). */
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
 * The request got no answer because the way to the sidecar is gone or silent. The code is from the range that JSON-RPC
 * leaves to implementations.
 *
 * @param {string} message
 * @param {string} hint
 */
export function unreachable(message, hint) {
  return new RpcError(-32000, message, { kind: UNREACHABLE, retryable: true, hint });
}

/** Whether this says that the sidecar is gone, and with it all that it held. @param {unknown} error */
export function isUnreachable(error) {
  return error instanceof RpcError && error.data.kind === UNREACHABLE;
}
