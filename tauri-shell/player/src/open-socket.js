const OPEN_TIMEOUT_MS = 10_000;

/**
 * Wait until a WebSocket is open, for 10 s at most.
 *
 * @param {WebSocket} socket
 * @param {object} options
 * @param {(event: CloseEvent) => Error} options.onRefused returns the error of a WebSocket that was closed before it opened
 * @param {(event: CloseEvent) => void} options.onClose called when an open WebSocket was closed
 * @returns {Promise<void>}
 */
export function openSocket(socket, { onRefused, onClose }) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.close(), OPEN_TIMEOUT_MS);
    let isOpened = false;
    socket.addEventListener("open", () => {
      clearTimeout(timer);
      isOpened = true;
      resolve();
    });
    socket.addEventListener("close", (event) => {
      clearTimeout(timer);
      if (isOpened) onClose(event);
      else reject(onRefused(event));
    });
  });
}
