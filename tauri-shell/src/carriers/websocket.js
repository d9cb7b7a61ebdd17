/** The demo's carrier: one WebSocket, one sidecar behind it, one JSON-RPC message in each text message. */

import { RpcClient } from "../rpc-client.js";
import { unreachable } from "../rpc-error.js";

const OPEN_TIMEOUT_MS = 10_000;

/**
 * Resolves once the WebSocket is open. `onGone` is called when it closes after that; nothing works any more then.
 *
 * @param {URL} url
 * @param {{onGone: (error: import("../rpc-error.js").RpcError) => void}} options
 * @returns {Promise<import("../invoke.js").Carrier>}
 */
export function openWebSocket(url, { onGone }) {
  const socket = new WebSocket(url);
  const client = new RpcClient((text) => socket.send(text));
  socket.addEventListener("message", (event) => client.receive(event.data));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.close(), OPEN_TIMEOUT_MS);
    let opened = false;
    socket.addEventListener("open", () => {
      clearTimeout(timer);
      opened = true;
      resolve(client);
    });
    socket.addEventListener("close", (event) => {
      clearTimeout(timer);
      const message = event.reason || "The demo's server does not answer.";
      const error = unreachable(message, "Reload the page; if that does not help, start the demo again.");
      client.close(error);
      if (opened) onGone(error);
      else reject(error);
    });
  });
}
