/** One session in the sidecar, with the stream that shows it. */

import { ConnectionEvents } from "./connection-events.js";
import { invoke, listen } from "./invoke.js";
import { makeStream } from "./make-stream.js";
import { isUnreachable, RpcError } from "./rpc-error.js";

/** @typedef {import("./contract.js").CameraFormat} CameraFormat */
/** @typedef {import("./contract.js").Events} Events */

/**
 * @typedef {object} SessionEvents
 * @property {(event: Events["connection_state"]) => void} onConnectionState
 * @property {(event: Events["camera_state"]) => void} onCameraState
 * @property {(format: CameraFormat, isChanged: boolean) => void} onFormat the camera's format is known, or changed
 *
 * @typedef {import("./stream.js").StreamListener & SessionEvents} SessionListener
 */

export class CameraSession {
  /** The ids of the sidecar's session; "" before `start` has it. `connectionId` is "" again after `close`. */
  connectionId = "";
  sessionId = "";
  deviceId = "";
  stream;
  #events;
  #listener;

  /**
   * @param {HTMLVideoElement | HTMLCanvasElement} element
   * @param {import("./stream.js").StreamOptions} options
   * @param {SessionListener} listener
   */
  constructor(element, options, listener) {
    const stream = makeStream(element, options, { ...listener, onSession: (session) => this.#onSession(session, listener) });
    this.stream = stream;
    this.#listener = listener;
    this.#events = new ConnectionEvents(/** @type {any} */ (listen), {
      ice_candidate: ({ candidate, generation }) => stream.addCandidate(candidate, generation),
      renegotiation_offer: (offer) => stream.renegotiate(offer),
      connection_state: (event) => {
        stream.onConnectionState(event);
        if (!this.#isLost(event.state)) listener.onConnectionState(event);
      },
      camera_state: (event) => this.#isLost(event.state) || listener.onCameraState(event),
      format_changed: ({ format }) => listener.onFormat(format, true),
    });
  }

  /** Start the session. Rejects with an `RpcError`; `close` is needed in either case. */
  async start() {
    await this.stream.start();
  }

  /** Close the connection in the sidecar, and release the stream. */
  async close() {
    const connectionId = this.connectionId;
    this.#events.close();
    this.stream.close();
    this.connectionId = "";
    if (!connectionId) return;
    try {
      await invoke("close_connection", { connectionId });
    } catch (error) {
      if (error instanceof RpcError && error.data.kind === "connection_not_found") return; // of a sidecar that was restarted
      if (!isUnreachable(error)) console.warn("The connection could not be closed:", error);
    }
  }

  /**
   * Whether the session is lost and not over: it ended because its stream left the peer for a new one.
   *
   * @param {string} state of its connection or camera
   */
  #isLost(state) {
    const isLost = this.stream.hasLeftPeer && (state === "closed" || state === "stopped");
    if (isLost) this.#listener.onLost("The connection ended while a new peer was tried.");
    return isLost || !this.connectionId; // "" when the stream has reported the loss
  }

  /**
   * @param {import("./stream.js").Session} session
   * @param {SessionListener} listener
   */
  #onSession(session, listener) {
    this.connectionId = session.connection_id;
    this.sessionId = session.session_id;
    this.deviceId = session.device_id;
    this.#events.identify(session);
    listener.onFormat(session.format, false);
    listener.onSession(session);
  }
}
