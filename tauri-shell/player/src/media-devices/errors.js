/** The errors of getUserMedia by their W3C names. */

import { RpcError } from "../rpc-error.js";

/** The name for each kind of the sidecar's errors; any other kind is an AbortError. @type {Record<string, string>} */
const NAMES = {
  camera_not_found: "NotFoundError",
  camera_busy: "NotReadableError",
  camera_failed: "NotReadableError",
  encoder_failed: "NotReadableError",
  limit_exceeded: "NotReadableError",
  camera_permission_denied: "NotAllowedError",
  source_not_allowed: "NotAllowedError",
  not_permitted: "NotAllowedError",
};

/**
 * @param {string} constraint
 * @param {string} [message]
 */
export function overconstrained(constraint, message = `No camera fulfils the constraint ${constraint}.`) {
  if ("OverconstrainedError" in globalThis) return new OverconstrainedError(constraint, message);
  // Webviews hide the class in pages that are no secure context.
  return Object.assign(new DOMException(message, "OverconstrainedError"), { constraint });
}

/** @param {any} error */
export function isOverconstrained(error) {
  return error?.name === "OverconstrainedError";
}

/**
 * The error that a page gets for any failure. An RpcError becomes a DOMException, with the error's hint in its message
 * and the error itself as its `cause`.
 *
 * @param {unknown} error
 */
export function mediaError(error) {
  if (!(error instanceof RpcError)) return error;
  const message = [error.message, error.data.hint].filter(Boolean).join(" ");
  return Object.assign(new DOMException(message, NAMES[error.data.kind] ?? "AbortError"), { cause: error });
}
