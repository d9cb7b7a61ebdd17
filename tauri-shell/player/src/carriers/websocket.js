/** The demo's carrier: one WebSocket to one sidecar, with one JSON-RPC message in each text message. */

import { openSocket } from "../open-socket.js";
import { RpcClient } from "../rpc-client.js";
import { unreachable } from "../rpc-error.js";

/**
 * Resolves once the WebSocket is open. `onGone` is called when it closes later; all requests fail from then on.
 *
 * @param {URL} url
 * @param {{onGone: (error: import("../rpc-error.js").RpcError) => void}} options
 * @returns {Promise<import("../invoke.js").Carrier>}
 */
export async function openSocketCarrier(url, { onGone }) {
  const socket = new WebSocket(url);
  const client = new RpcClient((text) => socket.send(text));
  socket.addEventListener("message", (event) => client.receive(event.data));
  /** @param {CloseEvent} event */
  const closed = (event) => {
    const message = event.reason || "The demo's server does not answer.";
    const error = unreachable(message, "Reload the page. If that does not help, start the demo again.");
    client.close(error);
    return error;
  };
  await openSocket(socket, { onRefused: closed, onClose: (event) => onGone(closed(event)) });
  return client;
}
