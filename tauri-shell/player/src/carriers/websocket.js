/** A carrier over a WebSocket: one sidecar behind it, and one JSON-RPC message in each text message. */

import { openSocket } from "../open-socket.js";
import { RpcClient } from "../rpc-client.js";
import { unreachable } from "../rpc-error.js";

/**
 * Open a carrier to a server that runs a sidecar and relays its messages. Resolves once the WebSocket is open; rejects
 * with an `RpcError`. When it closes later, `onGone` is called, and all requests fail from then on.
 *
 * @param {URL | string} url
 * @param {{onGone?: (error: import("../rpc-error.js").RpcError) => void}} [options]
 * @returns {Promise<import("../invoke.js").Carrier>}
 */
export async function openSocketCarrier(url, { onGone } = {}) {
  const socket = new WebSocket(url);
  const client = new RpcClient((text) => socket.send(text));
  socket.addEventListener("message", (event) => client.receive(event.data));
  /** @param {CloseEvent} event */
  const closed = (event) => {
    const message = event.reason || "The server of the cameras does not answer.";
    const error = unreachable(message, "Reload the page. If that does not help, start the server again.");
    client.close(error);
    return error;
  };
  const onClose = (/** @type {CloseEvent} */ event) => {
    const error = closed(event);
    onGone?.(error);
  };
  await openSocket(socket, { onRefused: closed, onClose });
  return client;
}
