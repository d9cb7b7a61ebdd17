/** A camera in an element of the page: its session, which is started again when it is lost, and its state. */

import { CameraSession } from "./camera-session.js";
import { invoke, listen } from "./invoke.js";
import { Recovery } from "./recovery.js";
import { RpcError } from "./rpc-error.js";
import { ViewStatus } from "./view-status.js";
import { WebrtcStream } from "./webrtc-stream.js";

/** @typedef {import("./contract.js").CameraFormat} CameraFormat */
/** @typedef {import("./contract.js").Events} Events */

/**
 * @typedef {object} LiveListener
 * @property {(isChanged: boolean) => void} onStatus the status was calculated; `isChanged`: with another state or reason
 * @property {() => void} onSize the size of the picture changed
 * @property {(format: CameraFormat) => void} [onFormat] the camera's format is known, or changed
 */

/** Longer than the sidecar's own limit for connecting, 15 s, after which it reports the reason. */
const FIRST_FRAME_TIMEOUT_MS = 20_000;

const START_AGAIN = "Start the camera again.";
/** Chromium gathers no candidate at all, not even for the loopback interface, while no network interface is up. */
const NO_INTERFACE =
  "The browser found no network interface to use. Connect to any network, even one without the Internet, and try again.";

export class LiveCamera {
  status = new ViewStatus((isChanged) => this.#listener.onStatus(isChanged));
  /** The newest session. @type {CameraSession | undefined} */
  session;
  /** The camera's format; null before a session tells it. @type {CameraFormat | null} */
  format = null;

  #element;
  #options;
  #listener;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #firstFrameTimer;
  /** @type {Promise<void> | undefined} */
  #closed;
  /** @type {Recovery | undefined} */
  #recovery;
  #unlisten = () => {};
  /**
   * The handlers of frames, with the functions that unsubscribe them from the stream.
   *
   * @type {Map<import("./stream.js").FrameHandler, () => void>}
   */
  #frameHandlers = new Map();

  /**
   * @param {HTMLVideoElement | HTMLCanvasElement} element
   * @param {import("./stream.js").StreamOptions} options
   * @param {LiveListener} listener
   */
  constructor(element, options, listener) {
    this.#element = element;
    this.#options = options;
    this.#listener = listener;
  }

  /** Start a session. Rejects with an `RpcError` or the signal's reason; `close` or `fail` is needed in either case. */
  async start() {
    this.#unlisten = listen("sidecar_state", (event) => this.#onSidecarState(event));
    await this.#open();
  }

  /** Release all resources but the element. With its last connection the sidecar releases the camera. */
  close() {
    this.#unlisten();
    this.#recovery?.stop();
    this.status.freeze();
    this.#closed ??= this.#closeSession();
    if (this.#element instanceof HTMLVideoElement) this.#element.srcObject = null;
    return this.#closed;
  }

  /** End with an error's message and hint as the reason. @param {unknown} error */
  fail(error) {
    const { message, data } = error instanceof RpcError ? error : new RpcError(0, String(error));
    this.#end(message, data.hint);
  }

  /**
   * Change size and frame rate of the camera, for all of its viewers. Resolves with the format that the camera then has.
   * Rejects with an `RpcError`, which changes nothing.
   *
   * @param {import("./contract.js").RequestedFormat} format
   */
  async setFormat(format) {
    const changed = await invoke("set_format", { sessionId: this.session?.sessionId ?? "", format });
    this.#onFormat(changed.format, true); // the notification may follow later
    return changed.format;
  }

  /**
   * Call the handler for each frame shown. Returns the function that unsubscribes.
   *
   * @param {import("./stream.js").FrameHandler} handler
   */
  onFrame(handler) {
    this.#frameHandlers.set(handler, this.session?.stream.onFrame(handler) ?? (() => {}));
    return () => {
      this.#frameHandlers.get(handler)?.();
      this.#frameHandlers.delete(handler);
    };
  }

  /** Start a session in the sidecar, and the stream that shows it. */
  async #open() {
    const session = (this.session = new CameraSession(this.#element, this.#options, this.#sessionListener()));
    for (const [handler, unsubscribe] of this.#frameHandlers) {
      unsubscribe(); // the stream before this one has the same element
      this.#frameHandlers.set(handler, session.stream.onFrame(handler));
    }
    let isOpen = false;
    try {
      await session.start();
      this.#options.signal?.throwIfAborted();
      isOpen = true;
    } catch (error) {
      this.#options.signal?.throwIfAborted(); // the error only tells what the abort broke
      throw error;
    } finally {
      if (!isOpen || this.#closed) await this.#closeSession(); // the session may have started after the end
    }
    if (this.#closed) return;
    clearTimeout(this.#firstFrameTimer); // of a start that was completed after its session was lost
    this.#firstFrameTimer = setTimeout(() => this.#onNoPicture(), FIRST_FRAME_TIMEOUT_MS);
    if (this.status.hasPicture && !this.status.isInterruptedBy("sidecar")) clearTimeout(this.#firstFrameTimer);
  }

  /** @returns {import("./camera-session.js").SessionListener} */
  #sessionListener() {
    const { status } = this;
    return {
      onSession: () => status.update(),
      onFormat: (format, isChanged) => this.#onFormat(format, isChanged),
      onPicture: () => this.#onPicture(),
      onSize: () => this.#listener.onSize(),
      onInterruption: (isInterrupted) => (isInterrupted ? status.interrupt("browser") : status.resume("browser")),
      onOver: (reason) => this.#end(reason, status.cameraHint ?? START_AGAIN),
      onLost: (reason) => void this.#recover(reason),
      onConnectionState: (event) => this.#onConnectionState(event),
      onCameraState: (event) => this.#onCameraState(event),
    };
  }

  async #closeSession() {
    clearTimeout(this.#firstFrameTimer);
    await this.session?.close();
  }

  /**
   * The session is lost, possibly with its sidecar. The picture stands still until a new session shows it again.
   *
   * @param {string} reason
   */
  async #recover(reason) {
    if (this.#recovery || this.#closed) return;
    const recovery = (this.#recovery = new Recovery());
    this.status.interrupt("sidecar", reason);
    // Not awaited: the sidecar may not answer. A late picture of the old stream must not count as new.
    void this.#closeSession();
    try {
      await recovery.run(() => this.#open());
    } catch (error) {
      const known = error instanceof RpcError ? error : new RpcError(0, String(error));
      this.#end(known.message, known.data.hint || START_AGAIN);
    } finally {
      this.#recovery = undefined;
    }
  }

  /**
   * @param {CameraFormat} format
   * @param {boolean} isChanged the session began with another one; a session after it asks for this one
   */
  #onFormat(format, isChanged) {
    const { width, height, fps } = format;
    if (isChanged) this.#options = { ...this.#options, format: { width, height, fps } };
    const known = this.format;
    this.format = format;
    if (known?.width !== width || known.height !== height || known.fps !== fps) this.#listener.onFormat?.(format);
  }

  #onPicture() {
    clearTimeout(this.#firstFrameTimer);
    if (!this.status.hasPicture || this.status.isInterrupted) this.status.onPicture();
  }

  #onNoPicture() {
    const reason = `No picture arrived within ${FIRST_FRAME_TIMEOUT_MS / 1000} s.`;
    this.#end(reason, "Try again. A firewall may block the connection between this page and the camera service.");
  }

  /** @param {import("./invoke.js").ShellEvents["sidecar_state"]} event */
  #onSidecarState({ state, reason }) {
    if (state === "restarting") void this.#recover("The camera service is restarting.");
    else if (state === "running") this.#recovery?.hurry();
    else if (state !== "starting") this.#end(reason || "The camera service could not be restarted.", "Start the app again.");
  }

  /** @param {Events["connection_state"]} event */
  #onConnectionState({ state, reason }) {
    if (state === "failed" || state === "closed") this.#end(reason ?? "The connection ended.", this.#hintAfterFailure());
    else if (state === "disconnected") this.status.interrupt("connection");
    else if (state === "reconnecting") this.status.interrupt("connection", "The connection is interrupted. Reconnecting…");
    else this.status.resume("connection");
  }

  #hintAfterFailure() {
    const stream = this.session?.stream;
    const hasNoInterface = stream instanceof WebrtcStream && !stream.hasCandidate && !this.status.hasPicture;
    return hasNoInterface ? NO_INTERFACE : START_AGAIN;
  }

  /** @param {Events["camera_state"]} event */
  #onCameraState({ state, reason, hint }) {
    if (state === "failed" || state === "stopped") this.#end(reason ?? "The camera stopped.", hint ?? START_AGAIN);
    else if (state === "lost" || state === "recovering") this.status.interrupt("camera", reason, hint);
    else this.status.resume("camera");
  }

  /**
   * @param {string} reason
   * @param {string} hint
   */
  #end(reason, hint) {
    this.status.end(reason, hint);
    void this.close();
  }
}
